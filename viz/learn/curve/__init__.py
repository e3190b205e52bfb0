"""A curve that is drawn by hand as a prediction, and how far it agrees with what the network shows."""
