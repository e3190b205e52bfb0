"""A recurrence as a dynamical system: gradients through time, fixed points, where readings diverge."""
