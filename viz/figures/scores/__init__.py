"""Figures of how well models do."""
