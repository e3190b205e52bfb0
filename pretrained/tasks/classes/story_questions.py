"""Questions about a story: where somebody or something is or was, who has a thing, how many things somebody has.

The network reads the question first and then the story, word by word, as one sequence; its answer is one word. People,
places, things and times are those of ``pretrained.data.stories``, in sentences of its grammar. There are two inputs,
``question`` and ``story``. As one text they stand one behind the other; the question is the sentence that ends with a
question mark, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained.data.plain import plain, seen
from pretrained.data.stories.drawn import Asked, stories
from pretrained.data.stories.world import (
    FACTS,
    GIVES,
    GOES,
    LEAVES,
    NUMBERS,
    PEOPLE,
    PLACES,
    TAKES,
    THINGS,
    TIMES,
)
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.kinds.classes import ClassTask, Sample
from pretrained.task import Example, InputError, Named

GRAMMAR = ("the", "to", "at", "in", "is", "was", "has", "where", "who", "how", "many", "things", "before", "after")
WORDS = (
    *(word.lower() for word in (*PEOPLE, *PLACES, *THINGS, *TIMES, *GOES, *TAKES, *LEAVES, *GIVES, *GRAMMAR)), ".", "?",
)  # fmt: skip
IDS = {word: index for index, word in enumerate(WORDS, start=UNKNOWN_ID + 1)}
"""Ids 0 and 1 are padding and unknown."""

CLASSES = (*PLACES, *PEOPLE, "yes", "no", *NUMBERS)
LIMIT, CHARACTERS, TRAINED = 160, 2000, 72
"""The most words, and characters, that are read, and about as many words as the longest story of training has."""

SPLITS = {"train": (60_000, 1), "dev": (1_800, 2), "test": (4_500, 3), "unseen": (1_400, 4)}
"""Stories of each split, and the seed that they are drawn from. ``unseen`` asks about pairs of a person and a place
that no story of training has."""

TOKEN = re.compile(r"\w+|[^\w\s]")
SENTENCE = re.compile(r"[^.?!\n]*[.?!]?")


def _named(text: str) -> dict[str, str]:
    """The question and the story in one text; of several questions the first."""
    parts = [part.strip() for part in SENTENCE.findall(text) if part.strip()]
    asked = next((part for part in parts if part.endswith("?")), "")
    story = parts.copy()
    if asked:
        story.remove(asked)
    return {"question": asked, "story": " ".join(story)}


def _joined(given: Mapping[str, str]) -> str:
    """One text of a question and a story; the question gets its mark."""
    question, story = given["question"].strip(), given["story"].strip()
    asked = question if not question or question.endswith("?") else f"{question.rstrip('. !')}?"
    return " ".join(filter(None, [asked, story]))


NAMED = Named({"question": mark("Question"), "story": mark("Story")}, _named, _joined, tall=("story",))


def divide(text: str) -> tuple[str, tuple[str, ...]]:
    """The question and the sentences of the story, each with its mark at the end.

    Raises:
        InputError: if there is no question, more than one, or no story.
    """
    parts = [part.strip() for part in SENTENCE.findall(text) if part.strip(" \t\r.?!")]
    asked = [part for part in parts if part.endswith("?")]
    told = tuple(part if part[-1] in ".!" else f"{part}." for part in parts if not part.endswith("?"))
    if not asked:
        raise InputError(
            say("There is no question yet: ask one that ends with a question mark, such as Where is Anna?")
        )
    if len(asked) > 1:
        raise InputError(say("These are {n} questions; ask one at a time.", n=len(asked)))
    if not told:
        raise InputError(say("There is no story yet: type a sentence, such as Anna went to the garden."))
    return asked[0], told


def join(question: str, story: Sequence[str]) -> str:
    """Both inputs as one text, in the order in which they are read."""
    return " ".join([question, *story])


def encode(text: str, content: Any = None) -> Encoded:
    """A question and a story as words; see ``pretrained.task.Task.encode``."""
    notices = []
    if len(text) > CHARACTERS:
        text = text[:CHARACTERS]
        notices.append(say("Only the first {most:,} characters are read; the rest was left out.", most=CHARACTERS))
    text = join(*divide(text))
    read = plain(text)
    found = [match.span() for match in TOKEN.finditer(read.text)]
    if len(found) > LIMIT:
        notices.append(say("Only the first {most} of {n} words are read; shorten the story.", most=LIMIT, n=len(found)))
    words = [read.text[start:end].lower() for start, end in found[:LIMIT]]
    ids, spans = tuple(IDS.get(word, UNKNOWN_ID) for word in words), tuple(read.spans(found[:LIMIT]))
    strange = list(dict.fromkeys(word for word in words if word not in IDS))
    if strange:
        notices.append(_name_strange(strange))
    labels = tuple(seen(text[start:end]) for start, end in spans)
    known = tuple(index != UNKNOWN_ID for index in ids)
    return Encoded(Tokens(labels, text, spans, known, "word", ids), tuple(notices))


def _name_strange(words: Sequence[str]) -> str:
    """That some words are not known, and which ones are."""
    return say(
        "Not known to the network, so read as unknown: {words}. It knows the people {people}; the places {places}; the "
        "things {things}; the times {times}; and the words {others}.",
        words=", ".join(f"“{word}”" for word in words[:8]),
        people=", ".join(PEOPLE),
        places=", ".join(PLACES),
        things=", ".join(THINGS),
        times=", ".join(TIMES),
        others=", ".join((*GOES, *TAKES, *LEAVES, *GIVES, *GRAMMAR)),
    )


def drawn(split: str) -> Sequence[Asked]:
    """The stories of a split."""
    count, seed = SPLITS[split]
    return stories(count, seed, training=split == "train", unseen=split == "unseen")


@cache
def samples(folder: Path, part: str) -> Sequence[Sample]:
    """Questions and stories of a split, as ids."""
    return [sample_of(asked) for asked in drawn(part)]


def sample_of(asked: Asked) -> Sample:
    """One question and its story as ids, with the sentence that each word belongs to."""
    ids, part = list[int](), list[int]()
    for number, sentence in enumerate((asked.question, *asked.story), start=-1):
        own = [IDS[word] for word in TOKEN.findall(sentence.lower())]
        ids += own
        part += [number] * len(own)
    return Sample(tuple(ids), asked.answer.word, asked.kind, part=tuple(part), facts=asked.answer.facts)


EXAMPLES = (
    Example("Two facts", "Where is the key? Anna went to the garden. Ben took the key. Ben went to the cellar. "
            "Anna ran to the kitchen.", mark("Ben has the key, and Ben is in the cellar."), "cellar"),
    Example("One fact", "Where is Clara? Clara went to the attic. David went to the library. Clara ran to the kitchen. "
            "David took the cup.", mark("The last that is said of Clara counts."), "kitchen"),
    Example("Put down", "Where is the cup? Emma went to the kitchen. Emma took the cup. Emma dropped the cup. "
            "Emma ran to the garden. Ben went to the attic.",
            mark("Emma left without the cup, so where she is does not matter."), "kitchen"),
    Example("Handed on", "Who has the letter? Anna took the letter. Ben went to the office. Anna went to the office. "
            "Anna handed the letter to Ben.", mark("A thing changes hands."), "Ben"),
    Example("Before", "Where was Ben before the library? Ben went to the attic. Anna went to the library. "
            "Ben ran to the cellar. Ben went to the library.", mark("Two moves of Ben, in their order."), "cellar"),
    Example("Three facts", "Where was the book before the garden? Anna went to the office. Anna took the book. "
            "Emma ran to the garden. Anna went to the library. Anna went to the garden.",
            mark("Who has it, where they went, and where they were before."), "library"),
    Example("Yes or no", "Is Anna in the attic? Anna went to the attic. Ben went to the attic. Anna ran to the office.",
            mark("Ben is there; Anna is not any more."), "no"),
    Example("At a time", "Where was Ben at noon? At dawn Ben went to the garden. At noon Clara ran to the attic. "
            "At noon Ben ran to the cellar. At night Ben went to the garden.",
            mark("The sentence that names both."), "cellar"),
    Example("Counting", "How many things has Clara? Clara went to the kitchen. Clara took the book. Clara took the "
            "cup. Ben took the key. Clara dropped the book.", mark("Two taken, one put down."), "one"),
    Example("A pair that it never saw", "Where is Anna? Ben went to the garden. Anna went to the cellar. Ben took the "
            "key.", mark("In no story of training does Anna go to the cellar."), "cellar"),
)  # fmt: skip
"""Questions with their answers."""

DATA = {
    "name": "Stories of two to eight sentences drawn from a small world, 60,000 for training, none of them in the test",
    "source": "pretrained/data/stories",
    "licence": "none needed: generated by the project's own code",
    "citation": "Generated by pretrained/data/stories; after the tasks of Weston et al. 2015, arXiv 1502.05698, with "
    "other words and another grammar",
    "limits": mark(
        "Fifty words of English, in sentences of five forms. It knows no other people, places or things, and a story "
        "that is longer or told in other words may be answered wrong."
    ),
}
"""What the networks learn from."""

STORY_QUESTIONS = ClassTask(
    key="story-questions",
    title=mark("Questions about a story"),
    data=DATA,
    group="answer",
    medium="text",
    classes=CLASSES,
    count=lambda: len(IDS) + UNKNOWN_ID + 1,
    encoder=encode,
    samples=samples,
    convert=lambda ids: np.array(ids, dtype=np.int64),
    files={},
    examples=EXAMPLES,
    references={"always the usual answer": 0.25, "the place mentioned last": 0.397},
    limit=LIMIT,
    trained=TRAINED,
    characters=CHARACTERS,
    noun="word",
    unseen=mark("questions"),
    named=NAMED,
    splits=("dev", "test", "unseen"),
    parts=FACTS,
)
