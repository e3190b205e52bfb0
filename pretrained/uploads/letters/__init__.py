"""Texts and sequences of letters: their encoding, plain lines, and the forms of biologists."""
