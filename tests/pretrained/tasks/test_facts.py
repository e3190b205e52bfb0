"""Facts are read in any order, names are copied as typed, and a fact that is not spoken of is found out."""

import dataclasses

import pytest

from core_models.networks.translator import END, UNKNOWN
from pretrained.data.copies import fill, hide
from pretrained.data.text.pairs import Pair
from pretrained.families.translation.corpus import PairCorpus
from pretrained.tasks.translation.facts import FACTS, SIGNS, VALUES, copied, joined, measure, remarks, said, typed

SOURCE = "name[The Eagle], eatType[pub], food[French], familyFriendly[no], near[Burger King]"


def read(text: str) -> list[str]:
    return [FACTS.source.name(index) for index in FACTS.source.ids(text)[:-1]]


def test_every_fact_is_one_token_in_any_order_and_spelling():
    assert read(SOURCE) == ["name[…]", "eatType[pub]", "food[French]", "familyFriendly[no]", "near[…]"]
    assert read("NEAR [ x ];price range[£ 20 - 25]  Customer Rating[3 OUT OF 5]") == [
        "near[…]", "priceRange[£20-25]", "customer rating[3 out of 5]",
    ]  # fmt: skip
    every = ", ".join(f"{kind}[{value}]" for kind, values in VALUES.items() for value in values[:1] or ("x",))
    assert UNKNOWN not in FACTS.source.ids(every)
    assert FACTS.source.ids("PAD BEGIN END food[…]") == [UNKNOWN] * 4 + [END]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("a pub by the river", "“a” is no fact that it knows: write name, eatType"),
        ("name[x], colour[red]", "“colour[red]” is no fact"),
        ("food[Thai]", r"food[Thai] has a value that it never saw: it knows Chinese"),
        ("name[ ]", "name[] has a value that it never saw: write any name"),
        ("food[French], food[Indian]", "“food” stands twice"),
    ],
)
def test_what_is_no_fact_is_read_as_unknown_and_answered_with_one_sentence(source, sentence):
    assert len(remarks(source)) == 1
    assert sentence in remarks(source)[0]
    assert remarks(source)[0] in FACTS.encode(source).notices
    assert remarks(SOURCE) == ()


def test_names_are_written_as_signs_and_come_back_as_they_were_typed():
    text = "the eagle is near Burger King, not Burger Kingdom."
    hidden = hide(text, copied(SOURCE))
    assert hidden == f"{SIGNS['name']} is near {SIGNS['near']}, not Burger Kingdom."
    assert fill(hidden, copied(SOURCE)) == "The Eagle is near Burger King, not Burger Kingdom."
    ids = FACTS.aim(SOURCE, text)
    assert SIGNS["name"] in "".join(FACTS.target.name(index) for index in ids)
    assert FACTS.spell(SOURCE, ids).startswith("The Eagle is near Burger King")
    assert FACTS.spell("food[French]", ids).startswith("⟨name⟩ is near ⟨near⟩")
    longer = copied("name[Rose], near[Rose Garden]")
    assert hide("Rose near Rose Garden", longer) == f"{SIGNS['name']} near {SIGNS['near']}"


def test_training_and_scoring_see_signs_and_never_names(tmp_path):
    pair = Pair(SOURCE, ("The Eagle is a pub near Burger King.",))
    task = dataclasses.replace(FACTS, pairs=lambda folder, split: [pair])
    ((source, target),) = PairCorpus(task, tmp_path).training
    assert source == FACTS.source.ids(SOURCE)
    assert "Eagle" not in FACTS.target.text(target)


def test_a_dropped_fact_is_found_by_its_words():
    spoken = "The Eagle is a pub near Burger King. It serves French food and is not family-friendly."
    assert all(said(SOURCE, spoken).values())
    assert said(SOURCE, spoken.replace("French ", "")) == {0: True, 1: True, 2: False, 3: True, 4: True}
    assert not said(SOURCE, spoken.replace("not ", ""))[3]
    assert not said(SOURCE.replace("[no]", "[yes]"), spoken)[3]
    assert said("food[Thai]", "Thai food")[0]


@pytest.mark.parametrize("example", FACTS.examples, ids=lambda example: example.title)
def test_the_references_of_the_examples_speak_of_every_fact(example):
    assert not example.reference or all(said(example.text, example.reference).values())


def test_the_data_is_typed_as_a_person_would():
    assert typed("name=X|priceRange=£ 20 - 25|customerrating=3 out of 5") == (
        "name[X], priceRange[£20-25], customer rating[3 out of 5]"
    )
    assert joined("It 's a family - friendly pub , isn 't it ? £ 30 .") == "It's a family-friendly pub, isn't it? £30."


def test_facts_are_scored_by_bleu_and_by_their_words():
    pairs = [Pair("name[A], food[French]", ("A serves French food.", "A has French food."))]
    found = measure(["A serves French food."], pairs)
    assert (found["bleu"], found["facts_found"], found["facts_found_in_references"]) == (100.0, 1.0, 1.0)
    assert list(found["bleu_by_length"]) == ["2-2"]
    assert measure(["A serves food."], pairs)["facts_found"] == 0.5
