"""The Batch page: many sequences from one file, read one after another and kept as a table."""
