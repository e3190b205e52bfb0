"""What the answer's turn is called in words."""

import numpy as np

from viz.kinds.classifier import say_moves


def test_the_two_largest_moves_are_told_in_reading_order_with_their_ways():
    tokens = ["I", "expected", "a", "bad", "film", "but", "it", "is", "wonderful"]
    probability = np.array([0.5, 0.5, 0.5, 0.1, 0.1, 0.22, 0.2, 0.3, 0.9], dtype=np.float32)
    said = "The probability of kind falls by 0.40 at “bad”, then rises by 0.60 at “wonderful”."
    assert say_moves(tokens, probability, "kind") == said


def test_where_nothing_moves_much_that_is_said():
    assert say_moves(["a", "b"], np.array([0.5, 0.55]), "kind") == "No single word moves the answer much."
