"""What Streamlit itself writes around a page, in the language of whoever looks at it.

Streamlit speaks English alone. ``viz/serving/language.js`` puts these words in the place of its own, wherever one of
them is the whole of a text or of what is read aloud; ``{n}`` stands for a number, ``{text}`` for a text.
"""

from __future__ import annotations

import json

from core_models.language import mark, say

WORDS = (
    mark("Skip to main content"), mark("App pages"), mark("Main menu"), mark("Expand sidebar"),
    mark("Collapse sidebar"), mark("Sidebar"), mark("Navigate to home page"), mark("Logo"), mark("Theme"),
    mark("Notifications"), mark("Running..."), mark("Stop"), mark("Rerun"), mark("Settings"), mark("Print"),
    mark("Record a screencast"), mark("About"), mark("Clear cache"), mark("Close"), mark("Link to heading"),
    mark("Help for {text}"),
    mark("Open"), mark("Choose an option"), mark("Choose options"), mark("Select..."), mark("Selected values"),
    mark("Clear all"), mark("Clear value"), mark("Clear entry"), mark("Select all"), mark("No results"),
    mark("Increment"), mark("Decrement"), mark("Upload"), mark("file upload"), mark("Add files"),
    mark("{n}MB per file"), mark("File must be {n}MB or smaller."), mark("{n}KB"), mark("{n}MB"),
    mark("Fullscreen"), mark("Close fullscreen"), mark("Search"), mark("Close Search"), mark("Next Result"),
    mark("Previous Result"), mark("Download as CSV"), mark("Show/hide columns"), mark("Clear selection"),
    mark("Dataframe column menu"), mark("Copy column name"), mark("Sort ascending"), mark("Sort descending"),
    mark("Format"), mark("Autosize"), mark("Pin column"), mark("Unpin column"), mark("Hide column"),
    mark("No data"), mark("Empty"), mark("Based on sample"), mark("Show data"), mark("Show chart"),
    mark("Download as PNG"), mark("Download as SVG"), mark("Copy Vega-Lite spec"), mark("Copy to clipboard"),
    mark("Record"), mark("Stop recording"), mark("Clear recording"), mark("Download as WAV"),
    mark("This app would like to use your microphone."), mark("Learn how to allow access."),
    mark("An error has occurred, please try again."), mark("Try again"), mark("Connecting"),
    mark("Connection error"), mark("Page not found"),
    mark("The page that you have requested does not seem to exist. Running the app's main page."),
    mark(
        "This app has encountered an error. The original error message is redacted to prevent data leaks. Full error "
        "details have been recorded in the logs (if you're on Streamlit Cloud, click on 'Manage app' in the lower "
        "right of your app)."
    ),
)  # fmt: skip


def frame() -> str:
    """The words as JSON, each by Streamlit's own."""
    return json.dumps({word: say(word) for word in WORDS}, ensure_ascii=False)
