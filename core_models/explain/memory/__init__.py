"""Who wrote a memory, and how long a unit keeps it."""
