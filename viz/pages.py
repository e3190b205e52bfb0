"""The pages of the app, in the order of the navigation."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core_models.language import mark, say
from viz.inputs import GROUPS, MODEL, MODELS, READING, offered
from viz.kept import Latest
from viz.models import GROUP


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        file: its script in ``viz/app_pages``, without ending.
        title, icon: in the navigation.
        url_path: its name in the address; the page that opens first has none.
        families: of the models that it can show; none for a page without a model.
        remembered: whether it opens with its own last screen, where it has no model.
    """

    file: str
    title: str
    icon: str
    url_path: str
    families: tuple[str, ...] = ()
    remembered: bool = False

    def suits(self, address: dict[str, str]) -> bool:
        """Whether it can show the model, or the first of the models, that the address of another page names."""
        named = address.get(MODEL) or address.get(MODELS, "").partition(",")[0]
        return bool(self.families) and named in offered(*self.families)


PAGES = (
    Page("explore", mark("Explore"), "search", "", (*READING, GROUP)),
    Page("compare", mark("Compare"), "compare_arrows", "compare", tuple(GROUPS)),
    Page("memory", mark("Memory"), "timeline", "memory", tuple(GROUPS)),
    Page("translate", mark("Translate"), "translate", "translate", ("translate",)),
    Page("explain", mark("Explain"), "fact_check", "explain", tuple(GROUPS)),
    Page("generate", mark("Generate"), "edit_note", "generate", ("write",)),
    Page("corpus", mark("Corpus"), "travel_explore", "corpus", (*READING, GROUP)),
    Page("batch", mark("Batch"), "table_rows", "batch", (*READING, "translate")),
    Page("lab", mark("Lab"), "science", "lab", remembered=True),
    Page("own_model", mark("Your model"), "upload_file", "own"),
    Page("learn", mark("Learn"), "school", "learn"),
    Page("glossary", mark("Glossary"), "menu_book", "glossary"),
)
"""In the order of the navigation."""

_MADE = Latest[dict[str, st.Page]]("pages")


def listed() -> dict[str, st.Page]:
    """Streamlit's pages by their names in the address, made once in a session and language."""
    return _MADE.made("pages", lambda: {
        page.url_path: st.Page(
            f"app_pages/{page.file}.py", title=say(page.title), icon=f":material/{page.icon}:",
            url_path=page.url_path or None, default=not page.url_path,
        )
        for page in PAGES
    })  # fmt: skip
