"""What can be read off the states of every shipped model, on data that it has not seen; one file a kind of task."""
