"""Text in Markdown, of which all that the app writes outside its figures is made."""

import re

JOINER = "\u2060"
"""A sign without width; where it stands, nothing is made of the signs around it."""

MADE = re.compile(r"(?<=:)(?!\d\d\b)(?=[\w/+-])|(?<=\bwww)(?=\.)|(?<=@)(?=\w)|(?<=[-<>=~])(?=[->=])", re.IGNORECASE)
"""Where Streamlit, which looks at a text once more when Markdown is done with it and its backslashes are gone, makes
links of addresses, pictures of ``:names:``, and arrows of ``->``; of a time of day, as 16:00, it makes nothing."""


def escape(text: str) -> str:
    """``text`` so that Markdown, LaTeX, links, emoji and colour directives in it show as typed.

    What was said before is said in the language of this moment.
    """
    parted = MADE.sub(JOINER, str(text))
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:&" else sign for sign in parted)
