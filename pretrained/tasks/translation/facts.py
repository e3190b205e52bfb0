"""Facts about a restaurant to a sentence: which fact is being spoken, and which one was dropped?

The source is a list of facts such as ``name[The Eagle], food[French]``, each of them one token. Names are read and
written as one sign and put back afterwards, so any name will do; every other value is one of those in the E2E data
(Novikova, Dušek & Rieser 2017, arXiv 1706.09254).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core_models.language import mark, say
from core_models.networks.decoding import Search
from core_models.networks.translator import END, UNKNOWN
from core_models.trace import Tokens
from pretrained.analysis.measures import bleu
from pretrained.data.copies import hide
from pretrained.data.plain import plain
from pretrained.data.side import SPECIAL, Side, train_pieces
from pretrained.data.text.pairs import Pair, grouped, rows_of
from pretrained.kinds.translation import Length, PairTask
from pretrained.task import Example
from pretrained.tasks.translation.fact_words import spoken

FOLDER = Path(__file__).parent
ENGLISH = FOLDER / "facts.en.json"
PIECES = 1000

FILES = {
    "e2e/train.tsv.gz": "e7cff89a750f53f35841ea5baa4b0253637696baf12da2459bcd308df76afbc8",
    "e2e/dev.tsv.gz": "ac0a8d057ae602e296785805926a17527d4c10ce4fe603a9797bc297dfdf165a",
    "e2e/test.tsv.gz": "a4ad3a0d8c235f499c052dd657b398675a92ab617b0e8bc62db242a01de8ad7c",
}

SIGNS = {"name": "\ue000", "near": "\ue001"}
"""What stands in a target for the two values that are copied; private characters that no text holds."""

VALUES: dict[str, tuple[str, ...]] = {
    "name": (),
    "eatType": ("coffee shop", "pub", "restaurant"),
    "food": ("Chinese", "English", "Fast food", "French", "Indian", "Italian", "Japanese"),
    "priceRange": ("cheap", "moderate", "high", "less than £20", "£20-25", "more than £30"),
    "customer rating": ("low", "average", "high", "1 out of 5", "3 out of 5", "5 out of 5"),
    "area": ("city centre", "riverside"),
    "familyFriendly": ("yes", "no"),
    "near": (),
}
"""Every kind of fact with the values that occur; of the two without a list, any value is read."""

KINDS = {kind.replace(" ", "").lower(): kind for kind in VALUES}
PIECE = re.compile(
    r"(?P<kind>name|eat ?type|food|price ?range|customer ?rating|area|family ?friendly|near)\s*\[(?P<value>[^\[\]]*)\]"
    r"|(?P<other>[^\s,;]+?(?=\s|[,;]|$))",
    re.IGNORECASE,
)
"""A fact, or a word that is none."""

ASKED = mark("type facts, such as name[The Eagle], eatType[pub], food[French], near[Burger King].")
LEFT_OUT = "…"
"""Stands in the vocabulary for every value that is copied."""

SHORT = {
    "eatType": "{}", "food": "{} food", "priceRange": "price {}", "customer rating": "rated {}", "area": "{}",
    "familyFriendly": "families {}", "near": "near {}", "name": "{}",
}  # fmt: skip
"""What a fact is called where there is little room."""


@dataclass(frozen=True)
class Fact:
    """One fact of a source, or a word that is none: its kind (empty if none), its value as typed, its place."""

    kind: str
    value: str
    span: tuple[int, int]

    @property
    def word(self) -> str:
        """As the vocabulary has it, a copied value left out; empty where the vocabulary cannot have it."""
        if not self.kind or not self.value:
            return ""
        if self.kind in SIGNS:
            return f"{self.kind}[{LEFT_OUT}]"
        value = plain_value(self.value)
        return f"{self.kind}[{next((v for v in VALUES[self.kind] if v.lower() == value.lower()), value)}]"

    @property
    def label(self) -> str:
        """For a figure's axis."""
        value = plain_value(self.value).replace(" out of ", "/").replace("less than ", "<").replace("more than ", ">")
        return SHORT[self.kind].format(value) if self.kind and value else value or f"{self.kind}[]"


def plain_value(value: str) -> str:
    """A value without the blanks that tokenised copies of the data put around £ and -."""
    return re.sub(r"\s*-\s*", "-", re.sub(r"£\s+", "£", re.sub(r"\s+", " ", value.strip())))


def pieces_of(text: str) -> list[Fact]:
    """The facts of a source and the words that are none, in their order."""
    found = []
    for match in PIECE.finditer(text):
        kind = KINDS[match["kind"].replace(" ", "").lower()] if match["kind"] else ""
        found.append(Fact(kind, match["value"].strip() if kind else match["other"], match.span()))
    return found


def facts_of(text: str) -> list[Fact]:
    """The facts of a source, in their order."""
    return [piece for piece in pieces_of(text) if piece.kind]


class FactSide(Side):
    """The source side: one token for each fact, and an unknown one for each word that is none."""

    def ids(self, text: str) -> list[int]:
        found = [self.tokenizer.token_to_id(plain(piece.word, {LEFT_OUT}).text) for piece in pieces_of(text)]
        return [*(UNKNOWN if index is None else index for index in found), END]

    def tokens(self, text: str) -> Tokens:
        pieces = pieces_of(text)
        ids = tuple(self.ids(text))
        labels = (*(piece.label for piece in pieces), SPECIAL[END])
        spans = (*(piece.span for piece in pieces), (len(text), len(text)))
        return Tokens(labels, text, spans, tuple(index != UNKNOWN for index in ids), ids=ids)


WORDS = tuple(f"{kind}[{value}]" for kind, values in VALUES.items() for value in values or (LEFT_OUT,))


def copied(source: str) -> Mapping[str, str]:
    """The names in a source by the sign that stands for each; a name in angle brackets where there is none."""
    names = {fact.kind: fact.value for fact in reversed(facts_of(source)) if fact.kind in SIGNS and fact.value}
    return {sign: names.get(kind, f"⟨{kind}⟩") for kind, sign in SIGNS.items()}


def remarks(source: str) -> tuple[str, ...]:
    """What is wrong with a source: at most one sentence for words, for values and for kinds that stand twice."""
    pieces, found = pieces_of(source), []
    kinds = [piece.kind for piece in pieces if piece.kind]
    other = next((piece.value for piece in pieces if not piece.kind), None)
    if other is not None:
        found.append(say(
            "“{other}” is no fact that it knows: write {kinds}, each with its value in brackets, such as food[French].",
            other=other[:40], kinds=", ".join(VALUES),
        ))  # fmt: skip
    strange = next((piece for piece in pieces if piece.kind and piece.word not in WORDS), None)
    if strange is not None:
        values = VALUES[strange.kind]
        fact = f"{strange.kind}[{strange.value[:40]}]"
        found.append(
            say("{fact} has a value that it never saw: it knows {values}.", fact=fact, values=", ".join(values))
            if values
            else say("{fact} has a value that it never saw: write any name between the brackets.", fact=fact)
        )
    twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
    if twice is not None:
        found.append(say("“{kind}” stands twice, which it never saw in training: keep one of the two.", kind=twice))
    return tuple(found)


def said(source: str, target: str) -> dict[int, bool]:
    """For the place of every fact in a source, whether a search for its words finds it in a target."""
    return {
        place: spoken(piece.kind, plain_value(piece.value), target)
        for place, piece in enumerate(pieces_of(source))
        if piece.kind
    }


def pairs(folder: Path, split: str) -> list[Pair]:
    """Facts of a split with all sentences that people wrote for them.

    Of the training sentences, those that spell a name otherwise are left out, and every other one reads its facts in an
    order drawn from a seed, so that a person need not know the order of the data.
    """
    rows = [(typed(facts), joined(text)) for facts, text in rows_of(folder / f"e2e/{split}.tsv.gz")]
    if split != "train":
        return grouped(rows)
    order = random.Random("facts")  # noqa: S311 - reproducible data, not a secret
    found = []
    for number, (source, text) in enumerate(rows):
        names = [name for name in copied(source).values() if not name.startswith("⟨")]
        if all(name.lower() in text.lower() for name in names):
            parts = source.split(", ")
            found.append((", ".join(order.sample(parts, len(parts)) if number % 2 else parts), text))
    return grouped(found)


def typed(facts: str) -> str:
    """``name=X|food=Y`` as ``name[X], food[Y]``."""
    parts = (part.partition("=") for part in facts.split("|"))
    return ", ".join(f"{KINDS[kind.lower()]}[{plain_value(value)}]" for kind, _, value in parts)


def joined(text: str) -> str:
    """A sentence without the blanks that the tokenised training text has around marks."""
    text = re.sub(r"\s+-\s+", "-", re.sub(r"£\s+", "£", text))
    text = re.sub(r"n\s+'t\b", "n't", text)
    text = re.sub(r"\s+([.,;:!?)%]|n't\b|'(?:s|re|ve|ll|d|m)\b)", r"\1", text)
    return re.sub(r"([(])\s+", r"\1", re.sub(r"\s+", " ", text)).strip()


def build(folder: Path) -> None:
    """Learn the word pieces of the sentences, with signs in place of names."""
    texts = (hide(t, copied(pair.source)) for pair in pairs(folder, "train") for t in pair.references)
    train_pieces(texts, "en", PIECES, lower=False).save(str(ENGLISH))


def count_facts(source: str) -> int:
    """Number of facts in a source."""
    return len(facts_of(source))


def measure(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """BLEU, also by the number of facts, and the share of facts whose words are found, in outputs and references.

    sacrebleu's tokenisation 13a in lower case, n-grams clipped by the maximum over all references and the closest
    reference's length are also what the challenge's own script takes (BLEUScore in github.com/tuetschek/e2e-metrics).
    """
    written = [(pair, [output]) for output, pair in zip(outputs, pairs, strict=True)]
    people = [(pair, pair.references) for pair in pairs]
    found = bleu(outputs, pairs, length=count_facts, lengths=tuple((n, n) for n in range(1, len(VALUES) + 1)))
    return found | {"facts_found": _found(written), "facts_found_in_references": _found(people)}


def _found(texts: Sequence[tuple[Pair, Sequence[str]]]) -> float:
    found = [one for pair, several in texts for text in several for one in said(pair.source, text).values()]
    return round(sum(found) / len(found), 4)


EXAMPLES = (
    Example(
        "Eight facts",
        "name[The Eagle], eatType[coffee shop], food[Japanese], priceRange[moderate], customer rating[average], "
        "area[city centre], familyFriendly[yes], near[Burger King]",
        "Every kind of fact at once: which one is looked at while its words are written?",
        "The Eagle is a moderately priced Japanese coffee shop in the city centre near Burger King. "
        "It is family-friendly and has an average customer rating.",
    ),
    Example(
        "A dropped fact",
        "name[The Eagle], eatType[coffee shop], food[French], priceRange[moderate], customer rating[3 out of 5], "
        "area[riverside], familyFriendly[yes], near[Burger King]",
        "Many sentences that it learned from leave a fact out, and so does it: was the fact looked at?",
        "The Eagle is a moderately priced French coffee shop near Burger King in the riverside area. "
        "It is family-friendly and has a customer rating of 3 out of 5.",
    ),
    Example(
        "Your own names",
        "name[Chez Gatescope], eatType[pub], food[Italian], near[The Tracing Station]",
        "Names are written as one sign and put back: it can speak of places that it never heard of.",
        "Chez Gatescope is a pub near The Tracing Station that serves Italian food.",
    ),
    Example(
        "Not for families",
        "name[Cotto], eatType[restaurant], area[city centre], familyFriendly[no]",
        "One fact becomes a “not”: which step looks at it?",
        "Cotto is a restaurant in the city centre. It is not family-friendly.",
    ),
    Example(
        "Another order",
        "near[Café Rouge], priceRange[cheap], name[The Punter], food[Fast food]",
        "The facts may stand in any order; the sentence has an order of its own.",
        "The Punter is a cheap fast food restaurant near Café Rouge.",
    ),
    Example(
        "No name",
        "eatType[pub], food[Japanese]",
        "In the data every place has a name: what does it call one that has none?",
    ),
)

DATA = {
    "name": "41,502 sentences of the E2E challenge about 4,862 sets of facts, names replaced by signs; 559 that "
    "misspell a name are left out",
    "source": "https://github.com/tuetschek/e2e-dataset",
    "copy": "test from that repository at ab0d967dd5729ce455ef14ba9ffafc456a335264; train and dev, tokenised, from "
    "github.com/harvardnlp/neural-template-gen at dff72ca246e80fd0eef2ca0b8b1fbf21fe927df4",
    "licence": "CC BY-SA 4.0",
    "citation": "Novikova, Dušek & Rieser 2017, The E2E Dataset: New Challenges for End-to-End Generation, SIGDIAL",
    "limits": "Restaurants only, and few values but names. Many of the sentences it learned from leave a fact out, "
    "and so does it.",
}
"""What the networks learn from."""

FACTS = PairTask(
    key="facts",
    title=mark("Facts to a sentence"),
    data=DATA,
    question=ASKED,
    source=FactSide(symbols=WORDS),
    target=Side(ENGLISH),
    pairs=pairs,
    measure=measure,
    examples=EXAMPLES,
    files=FILES,
    search=Search(width=5, penalty=1.0),
    limit=12,
    trained=len(VALUES) + 1,
    length=Length("facts"),
    builds=(build,),
    copied=copied,
    remarks=remarks,
    said=said,
)
