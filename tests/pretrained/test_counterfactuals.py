"""Changes that turn an answer: each does so when it is typed, a planted word is found, and pairs are judged as said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
import torch

from core_models.encoded import Encoded
from core_models.inputs import TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Tokens
from pretrained.analysis import pair_scores
from pretrained.analysis.counterfactuals import WAYS, Asked, Effort, Search, can_turn
from pretrained.analysis.pair_scores import KINDS
from pretrained.registry import every_recipe, load
from pretrained.task import InputError
from pretrained.trained import Trained

WORDS = ("", "", "the", "film", "is", "long", "and", "quiet", "planted", "dog")
PLANTED = WORDS.index("planted")


@dataclass(frozen=True)
class Planted:
    """A task of words parted by blanks."""

    key: str = "planted"
    kind: str = "classes"
    medium: str = "text"
    classes: tuple[str, ...] = ("low", "high")
    spellings: tuple[str, ...] = WORDS

    def encode(self, text: str, content: object = None) -> Encoded:
        spans, at = [], 0
        for word in text.split():
            start = text.index(word, at)
            at = start + len(word)
            spans.append((start, at))
        if not spans:
            raise InputError("nothing")
        ids = tuple(WORDS.index(text[start:end]) for start, end in spans)
        return Encoded(Tokens(tuple(text[s:e] for s, e in spans), text, tuple(spans), ids=ids))


def planted() -> Trained:
    """A network whose answer is high where the planted word was read, and low elsewhere, whatever else stands there."""
    torch.manual_seed(3)
    made = (
        SequenceNetwork(Architecture("rnn", 6, embedding=4), (len(WORDS),), {"answer": 2}).eval().requires_grad_(False)
    )
    rnn: Any = made.rnn
    for parameter in rnn.parameters():
        parameter.mul_(0.0)
    table: Any = cast("TokenInput", made.input).embedding.weight
    table[:, 0] = 0.0
    table[PLANTED, 0] = 1.0
    rnn.weight_ih_l0[0, 0] = 3.0
    rnn.weight_hh_l0[0, 0] = 3.0  # what was read once is kept
    for parameter in made.heads.parameters():
        parameter.mul_(0.0)
    state = made.heads["answer"].state_dict()
    for value in state.values():
        if value.ndim == 2:
            value[-1, 0] = 4.0
        else:
            value[-1] = -2.0
    made.heads["answer"].load_state_dict(state)
    return Trained(replace(every_recipe()["sst2-gru"], key="planted"), Planted(), made)


def searched(model: Trained, text: str, **choices: object) -> Search:
    search = Search(Asked(model, choices.pop("head", "answer"), **choices), model.encode(text))  # type: ignore[arg-type]
    for share in search.run():
        assert 0.0 < share <= 1.0
    return search


def test_the_one_word_on_which_an_answer_hangs_is_found():
    model = planted()
    with_it = searched(model, "the film is planted and quiet")
    assert with_it.begun.given == 1
    assert with_it.found
    assert all(len(version.changes) == 1 for version in with_it.found)
    assert {version.changes[0].before for version in with_it.found} == {"planted"}
    without = searched(model, "the film is long and quiet")
    assert without.begun.given == 0
    assert {version.changes[0].after for version in without.found} == {"planted"}


def test_where_one_change_is_not_enough_two_are_tried():
    found = searched(planted(), "the planted film is planted").found
    assert found
    assert {tuple(change.before for change in version.changes) for version in found} == {("planted", "planted")}


ASKED = [
    ("sst2-gru", "the acting is superb, but the story never wakes up", "answer", None),
    ("splice-bigru", "", "answer", None),
    ("pos-bilstm", "May Rose may mark Mark's rose in May.", "tags", 3),
    ("commands-bilstm", "wake me up at seven", "tags", 4),
    ("poems-lstm", "床前明月光", "next_token", 5),
]


@pytest.mark.parametrize(("key", "text", "head", "step"), ASKED, ids=[f"{key} {head}" for key, _, head, _ in ASKED])
def test_what_is_said_to_turn_an_answer_does_turn_it_when_it_is_typed(key, text, head, step):
    model = load(key)
    text = text or model.task.examples[0].text
    assert can_turn(model, model.encode(text))
    search = searched(model, text, head=head, step=step)
    assert search.found
    first = Asked(model, head, step).begin(model.encode(text)).given
    for version in search.found[:20]:
        typed = Asked(model, head, version.step).begin(model.encode(version.text))
        assert typed.given == version.given != first
        assert typed.chances == pytest.approx(version.chances, abs=1e-5)
        assert all(change.way in WAYS for change in version.changes)
    if head == "tags":
        asked = model.encode(text).tokens.labels[step]
        assert {version.encoded.tokens.labels[version.step or 0] for version in search.found} == {asked}


def test_an_answer_that_is_looked_for_is_the_one_that_comes():
    model = load("splice-bigru")
    assert {version.given for version in searched(model, model.task.examples[0].text, into=2).found} == {2}


def test_a_search_ends_when_its_time_is_over():
    model = load("sst2-gru")
    search = Search(Asked(model, "answer"), model.encode("a dull film"), Effort(seconds=0.0))
    assert list(search.run()) == []
    assert not search.in_time
    assert search.tried == 0


def test_a_network_that_reads_numbers_has_nothing_to_type():
    model = load("seattle-gru")
    assert not can_turn(model, model.encode(model.task.examples[0].text))


def test_pairs_hold_where_answers_stand_to_each_other_as_they_should():
    def holds(kind: pair_scores.Kind, first: float, second: float) -> bool:
        return pair_scores.Tested(kind, "", "", "positive", (first, second)).holds

    assert holds("negation", 0.9, 0.2)
    assert not holds("negation", 0.9, 0.6)
    assert not holds("negation", 0.4, 0.2)
    assert holds("intensifier", 0.8, 0.75)
    assert not holds("intensifier", 0.8, 0.6)
    assert holds("name", 0.3, 0.35)
    assert not holds("name", 0.45, 0.52)
    assert not holds("name", 0.95, 0.7)


def test_the_scores_of_pairs_that_are_shipped_are_those_of_the_models():
    found = pair_scores.held(pair_scores.tested(load("sst2-gru")))
    assert found == pair_scores.scores()["sst2-gru"]
    assert all(0 < found[kind] <= len(pair_scores.pairs()[kind]) for kind in KINDS)
    assert set(pair_scores.scores()) == {key for key, one in every_recipe().items() if one.task == "sentiment"}
