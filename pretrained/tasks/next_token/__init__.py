"""Tasks that say which character comes next."""
