"""Spoken commands: slots of every word and the intent of the whole, SNIPS custom intents in the split of Goo et al."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from pretrained.data.spelling import beginning, ending, lower, short_ending
from pretrained.tags import Column, Item, TagExample, TagTask

FILES = {
    "snips/train.tsv.gz": "142f86bc9222ef0996ea38c49fb7dcd61528cffb519aa00fe2d9da7c16dcf285",
    "snips/dev.tsv": "56dc2d517043656d21d21acb32b783906386ca2d128fa21f8859fb2d2d7f3051",
    "snips/test.tsv": "2f3668c459ee553621df42ba2b441e2928a5c48a50d76ddd1af3fc3aaf2751c1",
}
NAMES = {
    "AddToPlaylist": "add to a playlist", "BookRestaurant": "book a restaurant", "GetWeather": "ask for the weather",
    "PlayMusic": "play music", "RateBook": "rate a book", "SearchCreativeWork": "look for a work",
    "SearchScreeningEvent": "look for a screening",
}  # fmt: skip


def split(text: str) -> list[tuple[int, int]]:
    """Start and end of every word; the data have no punctuation, and read 's as a word of its own."""
    return [match.span() for match in re.finditer(r"[^\W_]+|[&+@$%]", text)]


def items(folder: Path, part: str) -> list[Item]:
    """Commands of a split."""
    path = folder / "snips" / ("train.tsv.gz" if part == "train" else f"{part}.tsv")
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    return [Item(tuple(words.split()), tuple(tags.split()), intent) for intent, words, tags in rows]


EXAMPLES = (
    TagExample("A table for four", "book a table for four at a cheap italian place in boston tomorrow at seven",
               "Who, what, where and when, each in a slot of its own.", label="BookRestaurant"),
    TagExample("Which play?", "play the new album by the weather girls",
               "“weather” alone would be another intent.", label="PlayMusic"),
    TagExample("A rating", "give the last saga four out of five stars", "A number that rates and a number that limits.",
               label="RateBook"),
    TagExample("Weather", "will it be colder than ten degrees in oslo next friday", "Condition, place and time.",
               label="GetWeather"),
    TagExample("Playlist or song", "add winter song to my quiet evening playlist",
               "Where does the song end and the playlist begin?", label="AddToPlaylist"),
    TagExample("Something else", "tell me a joke about bananas",
               "None of the seven intents: the network must choose one all the same."),
)  # fmt: skip

COMMANDS = TagTask(
    key="commands",
    title="Slots and intent of a command",
    ask="Type a command in English",
    question="type a command such as: play some jazz.",
    vocabulary_file=Path(__file__).parent / "commands.vocabulary.json",
    columns=(Column("word", lower), Column("ending", ending), Column("short ending", short_ending),
             Column("beginning", beginning)),
    split=split,
    items=items,
    files=FILES,
    names=NAMES,
    examples=EXAMPLES,
    references={"most frequent tag of the word": 0.570, "slot-gated BLSTM (Goo et al. 2018)": 0.888},
    headline="f1",
    chained=True,
    trained=60,
)  # fmt: skip
