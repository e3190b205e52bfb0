"""Sequences longer than can be shown step by step."""
