"""Figures of what is remembered, and how long."""
