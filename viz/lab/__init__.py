"""The page "Lab": small networks learn while one watches, one alone or two that differ in one thing."""
