"""What-if edits on a page: chosen, listed, and written as text for the address."""
