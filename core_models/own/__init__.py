"""A person's own network: what its recurrences and attention computed, and the tools of core_models.explain on it."""
