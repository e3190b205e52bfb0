"""Text in Markdown, of which all that the app writes outside its figures is made."""


def escape(text: str) -> str:
    """``text`` so that Markdown, LaTeX and colour directives in it show as typed."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:&" else sign for sign in text)
