"""What lessons can measure, each under its own name; ``listed`` holds the list."""
