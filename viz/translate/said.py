"""Whether what was written speaks of every fact that was read, as far as a search for words can tell."""

from __future__ import annotations

import streamlit as st

from pretrained.families.translation.trained import TrainedTranslator
from viz.markdown import escape
from viz.translate.state import Shown

DROPPED = "the search did not find this fact in what was written"


def dropped(model: TrainedTranslator, shown: Shown) -> list[int]:
    """Places of the source tokens that the answer does not speak of; none where that cannot be checked."""
    check = model.task.said
    if check is None:
        return []
    found = check(shown.reading.tokens.text, shown.answer.text)
    return [place for place, said in found.items() if not said and place < len(shown.reading.ids) - 1]


def show_said(model: TrainedTranslator, shown: Shown) -> None:
    """Name the facts that were dropped, and say how that was found out."""
    check = model.task.said
    count = len(check(shown.reading.tokens.text, shown.answer.text)) if check else 0
    if not count:
        return
    tokens, missing = shown.reading.tokens, dropped(model, shown)
    people = model.recipe.scores.get("test_facts_found_in_references")
    ours = model.recipe.scores.get("test_facts_found")
    rule = (
        "A search for each fact's own words and their paraphrases decides (such as “child”, “kid” or “famil” for "
        "familyFriendly): it can miss a fact phrased differently, or mistake a word for a fact."
    )
    if people and ours:
        rule += (
            f" In the test set it finds {people:.1%} of the facts in people's sentences, {ours:.1%} in the network's."
        )
    if missing:
        names = ", ".join(f"**{escape(tokens.text[slice(*tokens.spans[place])])}**" for place in missing)
        facts = "One fact was dropped" if len(missing) == 1 else f"{len(missing)} facts were dropped"
        st.warning(f"{facts}: nothing in what was written says {names}. {rule}", icon=":material/playlist_remove:")
    else:
        every = "The fact is" if count == 1 else "Both facts are" if count == 2 else f"All {count} facts are"
        st.caption(f":material/playlist_add_check: {every} found in what was written. {rule}")
