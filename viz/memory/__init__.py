"""The Memory page: the race of five recurrences, and how far back a model on a text of one's own remembers."""
