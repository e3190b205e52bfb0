"""Lessons: read two sentences, look at the real page, predict, and see what the trace says."""
