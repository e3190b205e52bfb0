"""Networks that label every token."""
