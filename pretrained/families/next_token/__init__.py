"""Networks that say which token comes next."""
