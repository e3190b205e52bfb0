"""Tasks that give the whole input one class."""
