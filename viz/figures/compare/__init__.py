"""Figures of several traces side by side."""
