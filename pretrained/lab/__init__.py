"""Small networks that learn while somebody watches: problems made on the spot, settings, and the training itself."""
