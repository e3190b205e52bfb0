"""The one control that takes a file of any kind, and what is done with it on Explore and on the Batch page."""
