"""What-ifs: changes inside one reading as data, and the one pass that applies them."""
