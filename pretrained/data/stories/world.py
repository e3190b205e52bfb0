"""The small world that stories tell of: what happens in it sentence by sentence, and what answers a question.

People go from place to place, take things, put them down and hand them on. What a question asks is read off that
world, and so is which sentences one must know to answer it, as in Weston et al. 2015, arXiv 1502.05698; grammar and
words are this project's own. Any story in this grammar has its answer, whoever wrote it.

    one fact      where somebody is, whether somebody is at a place, who has a thing, where somebody was at a time
    two facts     where a thing is; where somebody was before a place, or after it
    three facts   where a thing was before a place
    counting      how many things somebody has
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PEOPLE = ("Anna", "Ben", "Clara", "David", "Emma")
PLACES = ("attic", "cellar", "garden", "kitchen", "library", "office")
THINGS = ("book", "cup", "key", "letter")
TIMES = ("dawn", "noon", "dusk", "night")
NUMBERS = ("none", "one", "two", "three")
GOES, TAKES, LEAVES, GIVES = ("went", "ran"), ("took", "grabbed"), ("dropped", "left"), ("gave", "handed")
WORDS: Mapping[str, Sequence[str]] = {
    "person": PEOPLE, "other": PEOPLE, "place": PLACES, "thing": THINGS, "time": TIMES,
    "goes": GOES, "takes": TAKES, "leaves": LEAVES, "gives": GIVES,
}  # fmt: skip
"""What may stand for each field of a sentence."""

SENTENCES: Mapping[str, str] = {
    "goes": "{person} {goes} to the {place}.",
    "goes at": "At {time} {person} {goes} to the {place}.",
    "takes": "{person} {takes} the {thing}.",
    "leaves": "{person} {leaves} the {thing}.",
    "gives": "{person} {gives} the {thing} to {other}.",
}
"""What can happen, by its name."""

QUESTIONS: Mapping[str, str] = {
    "where is somebody": "Where is {person}?",
    "yes or no": "Is {person} in the {place}?",
    "who has it": "Who has the {thing}?",
    "where at a time": "Where was {person} at {time}?",
    "where is a thing": "Where is the {thing}?",
    "where before": "Where was {person} before the {place}?",
    "where after": "Where was {person} after the {place}?",
    "where was a thing": "Where was the {thing} before the {place}?",
    "how many": "How many things has {person}?",
}
"""What can be asked, by the kind of the question."""

FACTS: Mapping[str, tuple[str, ...]] = {
    "one fact": ("where is somebody", "yes or no", "who has it", "where at a time"),
    "two facts": ("where is a thing", "where before", "where after"),
    "three facts": ("where was a thing",),
    "counting": ("how many",),
}
"""The kinds of question by how many sentences one must know."""

Fields = Mapping[str, str]
Stay = tuple[str, tuple[int, ...]]
"""A place, and the numbers of the sentences that say that somebody or something was there."""


@dataclass(frozen=True)
class Answer:
    """What answers a question.

    Attributes:
        word: the answer.
        facts: numbers of the sentences, from 0, that one must know; none where the answer is that there is none.
        went: person and place, where the answer rests on somebody having gone there.
    """

    word: str
    facts: tuple[int, ...]
    went: tuple[str, str] | None = None


@dataclass
class World:
    """What has happened so far; sentences are numbered from 0.

    Attributes:
        told: number of sentences so far.
        ways: where each person was in turn.
        times: at which time each person went to a place.
        holder: who has a thing, and the sentence that says so.
        track: where each thing was in turn.
    """

    told: int = 0
    ways: dict[str, list[Stay]] = field(default_factory=dict)
    times: dict[tuple[str, str], Stay] = field(default_factory=dict)
    holder: dict[str, tuple[str, int]] = field(default_factory=dict)
    track: dict[str, list[Stay]] = field(default_factory=dict)

    def place(self, person: str) -> str | None:
        """Where somebody is; None if nobody said."""
        return self.ways[person][-1][0] if person in self.ways else None

    def happens(self, event: str, fields: Fields) -> bool:
        """Let something of ``SENTENCES`` happen; whether it can."""
        person, thing = fields["person"], fields.get("thing", "")
        done = {
            "takes": lambda: self._takes(person, thing),
            "leaves": lambda: self._leaves(person, thing),
            "gives": lambda: self._gives(person, thing, fields["other"]),
        }.get(event, lambda: self._goes(person, fields["place"], fields.get("time", "")))()
        self.told += 1
        return done

    def _goes(self, person: str, place: str, time: str) -> bool:
        stay = place, (self.told,)
        self.ways.setdefault(person, []).append(stay)
        if time:
            self.times[person, time] = stay
        for thing, (holder, since) in self.holder.items():
            if holder == person:
                self._note(thing, place, (since, self.told))
        return True

    def _takes(self, person: str, thing: str) -> bool:
        track = self.track.get(thing)
        if thing in self.holder or (track and track[-1][0] != self.place(person)):
            return False
        self._has(person, thing)
        return True

    def _gives(self, person: str, thing: str, other: str) -> bool:
        if self.holder.get(thing, ("",))[0] != person or person == other:
            return False
        self._has(other, thing)
        return True

    def _leaves(self, person: str, thing: str) -> bool:
        if self.holder.get(thing, ("",))[0] != person:
            return False
        del self.holder[thing]
        if person in self.ways:
            place, when = self.ways[person][-1]
            self._note(thing, place, (self.told, *when))
        return True

    def _has(self, person: str, thing: str) -> None:
        self.holder[thing] = person, self.told
        if person in self.ways:
            place, when = self.ways[person][-1]
            self._note(thing, place, (self.told, *when))

    def _note(self, thing: str, place: str, facts: tuple[int, ...]) -> None:
        """A thing is at a place; of one place in turn the last word counts."""
        track = self.track.setdefault(thing, [])
        if track and track[-1][0] == place:
            track.pop()
        track.append((place, facts))

    # -- questions ----------------------------------------------------------------------------------------------------

    def answer(self, kind: str, fields: Fields) -> Answer | None:
        """What answers a question of ``QUESTIONS``; None where the story does not say."""
        person, thing, place = fields.get("person", ""), fields.get("thing", ""), fields.get("place", "")
        answers: Mapping[str, Callable[[], Answer | None]] = {
            "where is somebody": lambda: self._stay(self.ways.get(person, []), -1),
            "yes or no": lambda: self._whether(person, place),
            "who has it": lambda: self._who(thing),
            "where at a time": lambda: self._stay([self.times.get((person, fields["time"]), ("", ()))], -1),
            "where is a thing": lambda: self._stay(self.track.get(thing, []), -1),
            "where before": lambda: self._beside(self.ways.get(person, []), place, -1),
            "where after": lambda: self._beside(self.ways.get(person, []), place, 1),
            "where was a thing": lambda: self._beside(self.track.get(thing, []), place, -1),
            "how many": lambda: self._count(person),
        }
        return answers[kind]()

    def _stay(self, way: Sequence[Stay], at: int, facts: Iterable[int] = ()) -> Answer | None:
        if not way or not way[at][0]:
            return None
        place, own = way[at]
        return Answer(place, tuple(sorted({*own, *facts})), self._went(place, own))

    def _beside(self, way: Sequence[Stay], place: str, step: int) -> Answer | None:
        """Where somebody or something was ``step`` places beside one that they came to once."""
        found = [at for at, (there, _) in enumerate(way) if there == place]
        if len(found) != 1 or not 0 <= found[0] + step < len(way):
            return None
        return self._stay(way, found[0] + step, way[found[0]][1])

    def _whether(self, person: str, place: str) -> Answer | None:
        found = self._stay(self.ways.get(person, []), -1)
        return found and Answer("yes" if found.word == place else "no", found.facts, found.went)

    def _who(self, thing: str) -> Answer | None:
        person, when = self.holder.get(thing, ("", 0))
        return Answer(person, (when,)) if person else None

    def _count(self, person: str) -> Answer | None:
        facts = tuple(sorted(when for holder, when in self.holder.values() if holder == person))
        return Answer(NUMBERS[len(facts)], facts) if len(facts) < len(NUMBERS) else None

    def _went(self, place: str, facts: Sequence[int]) -> tuple[str, str] | None:
        """Who went to a place in one of some sentences, with the place."""
        each = ((person, there, when) for person, way in self.ways.items() for there, (when,) in way)
        return next(((person, there) for person, there, when in each if when in facts and there == place), None)


# -- sentences as they are typed --------------------------------------------------------------------------------------


def _pattern(template: str) -> re.Pattern[str]:
    """What a sentence looks like, with whatever may stand for its fields."""
    words = {name: f"(?P<{name}>{'|'.join(options)})" for name, options in WORDS.items()}
    return re.compile(template[:-1].format(**words), re.IGNORECASE)


_EVENTS = {event: _pattern(template) for event, template in SENTENCES.items()}
_ASKED = {kind: _pattern(template) for kind, template in QUESTIONS.items()}


def _parsed(sentence: str, patterns: Mapping[str, re.Pattern[str]]) -> tuple[str, Fields] | None:
    """Which of some sentences this is, with its fields spelled as in ``WORDS``; None if it is none."""
    bare = " ".join(re.sub(r"[.?!,]", " ", sentence).split())
    for name, pattern in patterns.items():
        if found := pattern.fullmatch(bare):
            spelled = {key: next(w for w in WORDS[key] if w.lower() == word.lower())
                       for key, word in found.groupdict().items()}  # fmt: skip
            return name, spelled
    return None


def solve(story: Sequence[str], question: str) -> Answer | None:
    """What answers a question about a story, given sentence by sentence.

    None where a sentence is not of this grammar or cannot have happened, or where the story does not say.
    """
    world, asked = World(), _parsed(question, _ASKED)
    for sentence in story:
        event = _parsed(sentence, _EVENTS)
        if event is None or not world.happens(*event):
            return None
    return world.answer(*asked) if asked else None
