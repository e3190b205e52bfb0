"""The Generate page's parts: its controls, the text as it is written, its candidates, and the search for units."""
