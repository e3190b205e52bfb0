"""The UI script: page settings, the list of pages, and what is done around each. ``app.py`` serves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from viz import params
from viz.inputs import GROUPS, MODEL, MODELS, READING, offered
from viz.run import answered

ICON = Path(__file__).parent / "gatescope.svg"
STYLE = Path(__file__).with_name("page.css")


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        file: its script in ``viz/app_pages``, without ending.
        title, icon: in the navigation.
        url_path: its name in the address; the page that opens first has none.
        families: of the models that it can show; none for a page without a model.
    """

    file: str
    title: str
    icon: str
    url_path: str
    families: tuple[str, ...] = ()

    def suits(self, address: dict[str, str]) -> bool:
        """Whether it can show the model, or the first of the models, that the address of another page names."""
        named = address.get(MODEL) or address.get(MODELS, "").partition(",")[0]
        return bool(self.families) and named in offered(*self.families)


PAGES = (
    Page("explore", "Explore", "search", "", READING),
    Page("compare", "Compare", "compare_arrows", "compare", tuple(GROUPS)),
    Page("memory", "Memory", "timeline", "memory", tuple(GROUPS)),
    Page("translate", "Translate", "translate", "translate", ("translate",)),
    Page("explain", "Explain", "fact_check", "explain", tuple(GROUPS)),
    Page("generate", "Generate", "edit_note", "generate", ("write",)),
    Page("batch", "Batch", "table_rows", "batch", READING),
    Page("glossary", "Glossary", "menu_book", "glossary"),
)
"""In the order of the navigation."""


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Gatescope", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    st.html(STYLE)
    listed = {
        page.url_path: st.Page(
            f"app_pages/{page.file}.py", title=page.title, icon=f":material/{page.icon}:",
            url_path=page.url_path or None, default=not page.url_path,
        )
        for page in PAGES
    }  # fmt: skip
    opened = st.navigation(list(listed.values()), position="top")
    page = next(page for page in PAGES if page.url_path == opened.url_path)
    params.begin_run(page.file, page.suits)
    try:
        with answered():
            opened.run()
    finally:  # also where a page ends early, or is drawn anew
        params.end_run(remember=bool(page.families))


if __name__ == "__main__":
    main()
