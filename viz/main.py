"""The UI script: page settings and navigation. ``app.py`` serves it."""

from pathlib import Path

import streamlit as st

from pretrained.errors import ModelError
from viz import session

ICON = Path(__file__).parent / "gatescope.svg"

st.set_page_config(page_title="Gatescope", page_icon=ICON, layout="wide")
st.logo(ICON, size="large")
page = st.navigation(
    [
        st.Page("app_pages/explore.py", title="Explore", icon=":material/search:", default=True),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        st.Page("app_pages/memory.py", title="Memory", icon=":material/timeline:", url_path="memory"),
        st.Page("app_pages/translate.py", title="Translate", icon=":material/translate:", url_path="translate"),
        st.Page("app_pages/explain.py", title="Explain", icon=":material/fact_check:", url_path="explain"),
        st.Page("app_pages/generate.py", title="Generate", icon=":material/edit_note:", url_path="generate"),
        st.Page("app_pages/batch.py", title="Batch", icon=":material/table_rows:", url_path="batch"),
        st.Page("app_pages/glossary.py", title="Glossary", icon=":material/menu_book:", url_path="glossary"),
    ],
    position="top",
)
try:
    page.run()
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
finally:  # also where a page ends early, or is drawn anew
    session.write_url()
