"""Tasks that give every token a label."""
