"""Tasks that continue a series."""
