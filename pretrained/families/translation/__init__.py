"""Networks that turn one sequence into another."""
