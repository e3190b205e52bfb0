"""Whole networks: what is trained, saved and traced."""
