"""What can be read off states and single units."""
