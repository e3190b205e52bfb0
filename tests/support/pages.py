"""Pages as a person opens them, without a browser, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from viz.pages import PAGES

MAIN = str(Path(__file__).parents[2] / "viz" / "main.py")
SECONDS = 180


def open_page(file: str = "explore", /, **query: str) -> AppTest:
    """The page of a file of ``app_pages``, opened at an address.

    One whose name in the address is not that of its file is known to Streamlit's tests after a first run alone.
    """
    page = AppTest.from_file(MAIN, default_timeout=SECONDS)
    if file != "explore":
        if file not in {each.url_path for each in PAGES}:
            page.run()
        page.switch_page(f"app_pages/{file}.py")
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def sentences(page: AppTest) -> str:
    """Everything the page says in words."""
    found = [*page.markdown, *page.caption, *page.info, *page.success, *page.warning, *page.error, *page.latex]
    return "\n".join(str(element.value) for element in found)


def widget(page: AppTest, kind: str, name: str) -> Any:
    """A widget by the name of its choice, with which the key of a folded one begins: see ``params.key_of``."""
    return next(each for each in getattr(page, kind) if str(each.key).partition("~")[0] == name)
