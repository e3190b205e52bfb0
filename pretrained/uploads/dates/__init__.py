"""Dates in a table: words and forms, one cell taken apart, numbers that are dates, and a whole column."""
