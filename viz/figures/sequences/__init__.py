"""Native pictures of kinds of sequences."""
