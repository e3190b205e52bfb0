"""Whether what was written speaks of every fact that was read, as far as a search for words can tell."""

from __future__ import annotations

import streamlit as st

from core_models.language import mark, say, say_n
from pretrained.families.translation.trained import TrainedTranslator
from viz.markdown import escape
from viz.translate.state import Shown

DROPPED = mark("the search did not find this fact in what was written")


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
    rule = say(
        "A search for each fact's own words and their paraphrases decides (such as “child”, “kid” or “famil” for "
        "familyFriendly): it can miss a fact phrased differently, or mistake a word for a fact."
    )
    if people and ours:
        rule += " " + say(
            "In the test set it finds {people:.1%} of the facts in people's sentences, {ours:.1%} in the network's.",
            people=people,
            ours=ours,
        )
    if missing:
        names = say(", ").join(f"**{escape(tokens.text[slice(*tokens.spans[place])])}**" for place in missing)
        facts = say_n(
            "One fact was dropped: nothing in what was written says {names}.",
            "{n} facts were dropped: nothing in what was written says {names}.",
            len(missing), names=names,
        )  # fmt: skip
        st.warning(f"{facts} {rule}", icon=":material/playlist_remove:")
    else:
        every = (
            say("Both facts are found in what was written.")
            if count == 2
            else say_n("The fact is found in what was written.", "All {n} facts are found in what was written.", count)
        )
        st.caption(f":material/playlist_add_check: {every} {rule}")
