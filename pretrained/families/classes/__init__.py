"""Networks that name the class of a whole sequence."""
