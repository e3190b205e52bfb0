"""Tables in every form that people bring: where in a file the table stands, and its cells as they are written."""
