"""A person's text, token by token, in step with the figures; the browser's half is linked_text.js."""

from collections.abc import Sequence
from itertools import pairwise

from streamlit.components.v2 import component

from core_models.language import say
from viz.linked_plot.bundle import FOLDER, module_address
from viz.linked_plot.packed import packed
from viz.linked_plot.plot import MOUNT, _note

_component = component(
    "linked_text",
    js=MOUNT,
    css=FOLDER.joinpath("linked_text.css").read_text(encoding="utf-8"),
)


def linked_text(
    text: str,
    spans: Sequence[tuple[int, int]],
    *,
    key: str,
    marks: Sequence[str] = (),
    values: Sequence[float] | None = None,
    selected: int | None = None,
    notes: Sequence[str] = (),
    group: str = "step",
) -> int | None:
    """Put a text on the page as it was typed and return the token that was clicked, in the run that the click started.

    Args:
        text: shown character for character, whatever it holds.
        spans: (start, end) of each token in characters of ``text``, in order, none overlapping.
        key: identifies the text between runs.
        marks: per token, "" or names of classes for it; ``unknown`` is underlined with dots, ``changed`` with a line,
            ``parting`` with a thick grey one, ``taken`` with a green one; ``added`` is overlined; around ``lost`` runs
            a dashed line.
        values: per token, in [-1, 1]: shade of its background, from orange-red through none at 0 to blue.
        selected: token that is outlined, counted from 0.
        notes: per token, what a person reads when pointing at it.
        group: figures and texts of one group share the item under the pointer.

    Raises:
        ValueError: spans lie outside the text, overlap or are out of order, or a list has not one entry per token.
    """
    _check(key, text, spans, marks=marks, values=values if values is not None else (), notes=notes)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    data = {
        "module": module_address("linked_text.js"),
        # What lies between tokens and a token in turn: positions count differently in Python and in JavaScript.
        "pieces": [text[start:end] for start, end in pairwise(edges)],
        "marks": list(marks),
        "values": None if values is None else [min(1.0, max(-1.0, float(value))) for value in values],
        "selected": selected,
        "notes": list(notes),
        "group": group,
        "words": {"name": say("Text, token by token")},
    }
    sent = _component(key=key, data=packed(data), on_click_change=_note).get("click")
    return sent if isinstance(sent, int) and not isinstance(sent, bool) and 0 <= sent < len(spans) else None


def _check(key: str, text: str, spans: Sequence[tuple[int, int]], **lists: Sequence[object]) -> None:
    end_before = 0
    for number, (start, end) in enumerate(spans):
        if not end_before <= start <= end <= len(text):
            raise ValueError(
                f"linked_text {key!r}: expected span {number} to lie after {end_before} and within {len(text)} "
                f"characters, got {start} to {end}"
            )
        end_before = end
    for name, entries in lists.items():
        if len(entries) not in (0, len(spans)):
            raise ValueError(f"linked_text {key!r}: expected {len(spans)} {name}, one per token, got {len(entries)}")
