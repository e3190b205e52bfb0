"""The arithmetic behind every number of a trace, term by term."""
