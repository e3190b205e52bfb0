"""Figures of one sequence written from another."""
