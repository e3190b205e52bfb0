"""Figures of one trace."""
