"""The Compare page: several models on one text, or two texts on one model."""
