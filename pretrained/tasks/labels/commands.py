"""Spoken commands: slots of every word and the intent of the whole, SNIPS custom intents in the split of Goo et al."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from core_models.language import mark
from pretrained.data.text.spelling import beginning, ending, lower, short_ending
from pretrained.kinds.labels import Column, Labelled, TagExample, TagTask

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
"""Intents in words."""

GLOSSES = {
    "album": mark("album of music"), "artist": mark("musician"), "best_rating": mark("best rating possible"),
    "city": mark("city"), "condition_description": mark("weather condition"),
    "condition_temperature": mark("warm or cold"), "country": mark("country"), "cuisine": mark("cuisine"),
    "current_location": mark("where one is"), "entity_name": mark("name of a thing"),
    "facility": mark("facility of a place"), "genre": mark("genre of music"),
    "geographic_poi": mark("sight or landmark"), "location_name": mark("name of a cinema"),
    "movie_name": mark("name of a film"), "movie_type": mark("kind of showing"), "music_item": mark("song or album"),
    "object_location_type": mark("kind of place"), "object_name": mark("name of a work"),
    "object_part_of_series_type": mark("series or volume"), "object_select": mark("this or that one"),
    "object_type": mark("kind of work"), "party_size_description": mark("who comes along"),
    "party_size_number": mark("number of guests"), "playlist": mark("playlist"),
    "playlist_owner": mark("whose playlist"), "poi": mark("place nearby"), "rating_unit": mark("unit of a rating"),
    "rating_value": mark("value of a rating"), "restaurant_name": mark("name of a restaurant"),
    "restaurant_type": mark("kind of restaurant"), "served_dish": mark("dish"), "service": mark("music service"),
    "sort": mark("how to sort"), "spatial_relation": mark("how near"), "state": mark("state of a country"),
    "timeRange": mark("time"), "track": mark("song"), "year": mark("year of release"),
}  # fmt: skip
"""What the slots are about, for those who read another language than theirs."""


def split(text: str) -> list[tuple[int, int]]:
    """Start and end of every word; the data have no punctuation, and read 's as a word of its own."""
    return [match.span() for match in re.finditer(r"[^\W_]+|[&+@$%]", text)]


def items(folder: Path, part: str) -> list[Labelled]:
    """Commands of a split."""
    path = folder / "snips" / ("train.tsv.gz" if part == "train" else f"{part}.tsv")
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    return [Labelled(tuple(words.split()), tuple(tags.split()), intent) for intent, words, tags in rows]


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

DATA = {
    "name": "SNIPS custom intents: 13,084 commands, 39 slots, 7 intents",
    "source": "https://github.com/sonos/nlu-benchmark",
    "copy": "github.com/MiuLab/SlotGated-SLU at 61f0307c729b1fad479ef1de94aa5ac5dee601b0, data/snips",
    "licence": "CC0 1.0",
    "citation": "Coucke et al. 2018, Snips Voice Platform, arXiv 1805.10190; split of Goo et al. 2018, NAACL",
    "limits": "Seven intents and nothing else: any other sentence gets one of them as well. 25 test commands also "
    "stand in the training data.",
}
"""What the networks learn from."""

COMMANDS = TagTask(
    key="commands",
    title=mark("Slots and intent of a command"),
    data=DATA,
    ask=mark("Type a command in English"),
    question=mark("type a command such as: play some jazz."),
    vocabulary_file=Path(__file__).parent / "commands.vocabulary.json",
    columns=(Column("word", lower), Column("ending", ending), Column("short ending", short_ending),
             Column("beginning", beginning)),
    split=split,
    items=items,
    files=FILES,
    names=NAMES,
    glosses=GLOSSES,
    examples=EXAMPLES,
    references={mark("most frequent tag of the word"): 0.570, "slot-gated BLSTM (Goo et al. 2018)": 0.888},
    headline="f1",
    chained=True,
    trained=60,
)  # fmt: skip
