"""Figures of networks that learn, side by side."""
