"""Words of the source that the target repeats as they stand, such as a name that no vocabulary can hold.

A network reads and writes one sign in their place (delexicalisation, as in Dušek & Jurčíček 2016, arXiv 1606.05491,
section 3); what the person typed is put back when the target is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core_models.trace import Tokens


def hide(text: str, copied: Mapping[str, str]) -> str:
    """A target with signs in place of the source's words, the longest first and whatever their case."""
    for sign, words in sorted(copied.items(), key=lambda item: -len(item[1])):
        if words:
            text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", lambda _, s=sign: s, text, flags=re.IGNORECASE)
    return text


def fill(text: str, copied: Mapping[str, str]) -> str:
    """A target with the source's words in place of their signs."""
    for sign, words in copied.items():
        text = text.replace(sign, words)
    return text


def filled(tokens: Tokens, copied: Mapping[str, str]) -> Tokens:
    """Tokens of a target, labelled with the source's words."""
    return Tokens(tuple(fill(label, copied) for label in tokens.labels), ids=tokens.ids) if copied else tokens
