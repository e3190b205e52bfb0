"""Recurrences in files of models, read without executing anything in them."""
