"""How networks begin, learn and are compared with what they began as."""
