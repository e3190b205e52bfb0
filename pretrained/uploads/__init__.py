"""Files that people upload: what they are, and how each kind is read without trusting it."""
