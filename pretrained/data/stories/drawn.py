"""Stories that are drawn at random, each with a question of a given kind.

Every person has one place that they never go to in a story for training, so that it can be asked whether a network
reads a sentence or knows its pairs of words by heart.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from pretrained.data.stories.world import (
    GIVES,
    GOES,
    LEAVES,
    PEOPLE,
    PLACES,
    QUESTIONS,
    SENTENCES,
    TAKES,
    THINGS,
    TIMES,
    Answer,
    World,
)

SHORTEST, LONGEST = 2, 8
"""Sentences of a story. Short ones are more frequent: of two lengths that are drawn the smaller counts."""

NEVER: Mapping[str, str] = {
    person: PLACES[(2 * index + index // 3 + 1) % len(PLACES)] for index, person in enumerate(PEOPLE)
}
"""The place that each person never goes to in a story for training."""

TIMED = "where at a time"
"""The kind of question that is asked of stories which tell the time."""

NONE, LAST = 0.3, 0.5
"""Shares that are kept of the questions whose answer is ``none``, and the place that was mentioned last."""


@dataclass(frozen=True)
class Asked:
    """A story and a question about it.

    Attributes:
        story: its sentences.
        question: what is asked.
        kind: what kind of question that is, one of ``QUESTIONS``.
        answer: what answers it.
    """

    story: tuple[str, ...]
    question: str
    kind: str
    answer: Answer


HELD = 8
"""One in so many stories, by the checksum of its text, is never for training: a network is tested on those."""


def stories(count: int, seed: int, *, training: bool = False, unseen: bool = False) -> list[Asked]:
    """Stories with questions of every kind in turn, the same for the same ``seed``.

    Args:
        count: how many.
        seed: of all that is drawn.
        training: whether they are for training; then nobody goes to the place of ``NEVER``.
        unseen: whether every answer rests on somebody having gone there, which leaves out kinds where none can.
    """
    draw = random.Random(seed)  # noqa: S311 (nothing secret is drawn)
    kinds = [kind for kind in QUESTIONS if not unseen or kind not in ("who has it", "how many")]
    return [_ask(draw, kinds[at % len(kinds)], training, unseen) for at in range(count)]


def _ask(draw: random.Random, kind: str, training: bool, unseen: bool) -> Asked:
    while True:
        story, world = _tell(
            draw, min(draw.randint(SHORTEST, LONGEST) for _ in range(2)), training, timed=kind == TIMED
        )
        fields = _about(draw, kind, world)
        if training and NEVER.get(fields.get("person", "")) == fields.get("place"):
            continue
        answer = world.answer(kind, fields)
        if answer is None or (answer.word == "none" and draw.random() > NONE):
            continue
        if answer.word == last_place(story) and draw.random() > LAST:
            continue
        if unseen and (answer.went is None or NEVER[answer.went[0]] != answer.went[1]):
            continue
        asked = Asked(story, QUESTIONS[kind].format(**fields), kind, answer)
        if (crc32(f"{asked.question} {story}".encode()) % HELD > 0) == training:
            return asked


def last_place(story: Sequence[str]) -> str:
    """The place that a story mentions last; "" if it mentions none."""
    return next((word for word in reversed(" ".join(story).replace(".", "").split()) if word in PLACES), "")


def _about(draw: random.Random, kind: str, world: World) -> dict[str, str]:
    """Whom and what a question is about, among what the story tells of."""
    people = list({**world.ways, **{person: [] for person, _ in world.holder.values()}})
    person, things = draw.choice(people), sorted({*world.track, *world.holder}) or list(THINGS)
    way, thing = [place for place, _ in world.ways.get(person, [])], draw.choice(things)
    if kind == "yes or no" and way and draw.random() < 0.5:
        place = way[-1]
    elif kind == "yes or no":
        others = [place for stays in world.ways.values() for place, _ in stays if not way or place != way[-1]]
        place = draw.choice(others or list(PLACES))
    else:
        own = [place for place, _ in world.track.get(thing, [])] if "thing" in kind else way
        place = draw.choice(own or list(PLACES))
    return {"person": person, "thing": thing, "place": place, "time": draw.choice(TIMES)}


def _tell(draw: random.Random, sentences: int, training: bool, timed: bool) -> tuple[tuple[str, ...], World]:
    """A story of some sentences at most, and the world that it tells of."""
    world, story = World(), list[str]()
    people = draw.sample(PEOPLE, min(2 + sentences // 4, 4))
    places, things = draw.sample(PLACES, draw.randint(3, 4)), draw.sample(THINGS, draw.randint(1, 2))
    times = sorted(draw.choices(range(len(TIMES)), k=sentences)) if timed else []
    while len(story) < sentences:
        person, time = draw.choice(people), TIMES[times[len(story)]] if timed else ""
        if timed:
            free = [each for each in people if (each, time) not in world.times]
            if not free:
                break
            person = draw.choice(free)
        if timed or not story or draw.random() < 0.5:
            away = {world.place(person), NEVER[person] if training else None}
            place = draw.choice([each for each in places if each not in away])
            event = "goes at" if timed else "goes"
            fields = {"person": person, "place": place, "goes": draw.choice(GOES), "time": time}
        else:
            event, fields = _handle(draw, world, person, draw.choice(things), people)
        if event and world.happens(event, fields):
            story.append(SENTENCES[event].format(**fields))
    return tuple(story), world


def _handle(
    draw: random.Random, world: World, person: str, thing: str, people: Sequence[str]
) -> tuple[str, dict[str, str]]:
    """Something that can be done with a thing, and by whom; nothing where it cannot."""
    if thing not in world.holder:
        track = world.track.get(thing)
        can = not track or track[-1][0] == world.place(person)
        return "takes" * can, {"person": person, "thing": thing, "takes": draw.choice(TAKES)}
    holder = world.holder[thing][0]
    place = world.place(holder)
    near = [each for each in people if each != holder and place and world.place(each) == place]
    if near and draw.random() < 0.7:
        other = draw.choice(near)
        return "gives", {"person": holder, "thing": thing, "gives": draw.choice(GIVES), "other": other}
    return "leaves" * bool(place), {"person": holder, "thing": thing, "leaves": draw.choice(LEAVES)}
