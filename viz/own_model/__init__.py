"""The page "Your model": a file of a model becomes one more model of its visitor's session."""
