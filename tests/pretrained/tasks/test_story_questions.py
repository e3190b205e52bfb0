"""Questions about stories: the world that answers them, how stories are drawn and read, and how attention is scored."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from pretrained.data.stories.drawn import LONGEST, NEVER, Asked, last_place, stories
from pretrained.data.stories.world import FACTS, GOES, PEOPLE, PLACES, QUESTIONS, Answer, solve
from pretrained.families.classes import corpus
from pretrained.families.classes.corpus import ClassCorpus
from pretrained.task import InputError
from pretrained.tasks.classes.story_questions import (
    EXAMPLES,
    NAMED,
    STORY_QUESTIONS,
    TOKEN,
    TRAINED,
    divide,
    encode,
    sample_of,
)


@cache
def drawn() -> list[Asked]:
    """Stories to learn from."""
    return stories(180, 11, training=True)


@cache
def of_test() -> list[Asked]:
    """Stories of the same world that were not learned."""
    return stories(90, 11)


@cache
def unseen() -> list[Asked]:
    """Stories in which somebody goes where they never go in those to learn from."""
    return stories(42, 11, unseen=True)


def pairs(asked: Asked) -> set[tuple[str, str]]:
    """Who goes where in a story."""
    told = (sentence.removesuffix(".").split() for sentence in asked.story)
    moves = ([word for word in words if word in (*PEOPLE, *PLACES)] for words in told if set(words) & set(GOES))
    return {(person, place) for person, place in moves}


def ids_of(asked: list[Asked]) -> list[str]:
    return [f"{each.question} {each.story}" for each in asked]


@pytest.mark.parametrize("told", [drawn, of_test, unseen])
def test_a_story_that_is_typed_has_the_answer_of_the_world_that_it_was_drawn_from(told: Callable[[], list[Asked]]):
    for asked in told():
        assert solve(asked.story, asked.question) == asked.answer
        assert solve([each.upper() for each in asked.story], asked.question.lower()) == asked.answer


def test_every_kind_of_question_is_drawn_alike_and_needs_as_many_facts_as_it_is_said_to():
    assert {asked.kind for asked in drawn()} == set(QUESTIONS) == {kind for kinds in FACTS.values() for kind in kinds}
    for asked in drawn():
        count = len(asked.answer.facts)
        assert count == 1 or asked.kind not in FACTS["one fact"]
        assert count == 2 or asked.kind not in FACTS["two facts"]
        assert count >= 3 or asked.kind not in FACTS["three facts"]
        assert len(asked.story) <= LONGEST


def test_stories_of_the_same_seed_are_the_same_and_none_of_training_can_be_one_of_the_test():
    assert ids_of(stories(20, 11)) == ids_of(of_test())[:20]
    assert not set(ids_of(drawn())) & set(ids_of(of_test()))


def test_no_story_of_training_tells_of_a_pair_that_is_kept_for_the_test():
    never = set(NEVER.items())
    assert all(not pairs(asked) & never for asked in drawn())
    assert all(pairs(asked) & never and asked.answer.went in never for asked in unseen())


def test_the_place_that_is_mentioned_last_is_less_than_half_of_the_time_the_answer():
    asked = [each for each in drawn() if each.answer.word in PLACES]
    assert sum(last_place(each.story) == each.answer.word for each in asked) < 0.5 * len(asked)


@pytest.mark.parametrize(
    ("story", "question", "answer"),
    [
        ("Anna took the key. Anna went to the attic.", "Where is the key?", Answer("attic", (0, 1), ("Anna", "attic"))),
        ("Anna went to the attic. Anna took the key. Anna dropped the key. Anna ran to the office.",
         "Where is the key?", Answer("attic", (0, 2), ("Anna", "attic"))),
        ("Anna took the cup. Anna took the key. Anna gave the cup to Ben.", "How many things has Anna?",
         Answer("one", (1,))),
        ("Anna went to the attic.", "How many things has Anna?", Answer("none", ())),
        ("Anna went to the attic. Anna went to the office. Anna went to the attic.",
         "Where was Anna before the office?", Answer("attic", (0, 1), ("Anna", "attic"))),
        ("Anna went to the attic. Anna went to the office. Anna went to the attic.",
         "Where was Anna before the attic?", None),
        ("Anna went to the attic.", "Where is Ben?", None),
        ("Anna gave the key to Ben.", "Who has the key?", None),
        ("Anna took the key. Ben took the key.", "Who has the key?", None),
        ("Anna flew to the moon.", "Where is Anna?", None),
        ("Anna went to the attic.", "Why is Anna?", None),
    ],
)  # fmt: skip
def test_the_world_answers_what_a_story_says_and_nothing_else(story: str, question: str, answer: Answer | None):
    assert solve([f"{each}." for each in story.split(".") if each.strip()], question) == answer


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_answer_of_every_example_is_the_one_that_its_story_tells(example):
    question, story = divide(example.text)
    found = solve(story, question)
    assert found is not None
    assert found.word == example.reference


def test_the_question_is_read_first_wherever_it_stands():
    first = encode("Where is Anna? Anna went to the attic. Ben ran to the office.")
    assert encode("Anna went to the attic. Where is Anna?\nBen ran to the office").ids == first.ids
    assert first.tokens.labels[:4] == ("Where", "is", "Anna", "?")
    assert all(first.tokens.text[start:end] == label
               for (start, end), label in zip(first.tokens.spans, first.tokens.labels, strict=True))  # fmt: skip


def test_what_is_typed_and_what_is_drawn_is_read_alike():
    for asked in drawn()[:30]:
        sample = sample_of(asked)
        assert encode(" ".join((asked.question, *asked.story))).ids == sample.content
        assert len(sample.part) == len(sample.content) <= TRAINED
        assert [sample.part.count(number) for number in range(-1, len(asked.story))] == [
            len(TOKEN.findall(sentence)) for sentence in (asked.question, *asked.story)
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Anna went to the attic.", "no question yet"),
        ("Where is Anna?", "no story yet"),
        ("", "no question yet"),
        ("Where is Anna? Where is Ben? Anna went to the attic.", "2 questions"),
    ],
)
def test_what_is_no_question_with_a_story_is_answered_with_what_to_type(text: str, said: str):
    with pytest.raises(InputError, match=said):
        encode(text)


def test_words_that_the_network_does_not_know_are_named_with_those_that_it_does():
    (notice,) = encode("Where is Mary? Mary went to the cinema.").notices
    assert "“mary”, “cinema”" in notice
    assert "Anna" in notice
    assert not encode("where is anna? ANNA went to the attic").notices


def test_inputs_by_name_come_back_from_their_one_text():
    for example in EXAMPLES:
        parts = NAMED.divide(example.text)
        assert set(parts) == set(NAMED.titles)
        assert NAMED.join(parts) == example.text
    assert NAMED.join({"question": "where is Anna", "story": ""}) == "where is Anna?"
    assert NAMED.divide("Anna went to the attic.") == {"question": "", "story": "Anna went to the attic."}


def test_attention_counts_as_on_the_right_sentence_where_most_of_it_lies_there(monkeypatch: pytest.MonkeyPatch):
    asked = stories(2, 5)
    samples = [sample_of(each) for each in asked]
    held = ClassCorpus(STORY_QUESTIONS, Path())

    def on(part: int):
        def weights(network, batch):
            (sample,) = (each for each in samples if len(each.content) == batch.sequences.shape[1])
            inside = torch.tensor([float(each == part) for each in sample.part])
            return (inside / inside.sum())[None]

        return weights

    assert len({len(sample.content) for sample in samples}) == 2
    for part in range(2):
        monkeypatch.setattr(corpus, "attention_of", on(part))
        found = held.attended(torch.nn.Linear(1, 1), samples, torch.tensor([True, False]))["looked"]
        assert found["right"]["accuracy"] == float(part in samples[0].facts)
        assert found["wrong"]["accuracy"] == float(part in samples[1].facts)
        assert 0.0 < found["chance"] < 1.0
