"""Explanations of a trace that can be checked."""
