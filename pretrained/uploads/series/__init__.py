"""A table as a series: which columns, at what distance, and whether a model learned its like."""
