"""The Generate page: one seed gives one text, any choice is answered, and a click on a unit colours the text."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core_models.encoded import Encoded
from core_models.heads.next_token import NEXT
from core_models.networks.sampling import Sampling
from core_models.trace import Site
from pretrained.analysis import unit_selectivity
from pretrained.analysis.unit_selectivity import FOLLOWED
from pretrained.registry import load, recipes
from tests.support import pages
from tests.support.pages import sentences as said
from viz.figures.sequences import narrowing, next_token
from viz.generate.shading import shades
from viz.generate.writing import PER_TICK, WRITING

KEYS = list(recipes("write"))
FIRST = KEYS[0]


def open_page(**query: str) -> AppTest:
    """The page with its text written to the end, tick by tick."""
    return finish(pages.open_page("generate", **{"length": "50"} | query))


def finish(page: AppTest) -> AppTest:
    for _ in range(20):
        if page.exception or WRITING.name not in page.session_state or not page.session_state[WRITING.name].busy:
            return page
        page.run()
    raise AssertionError("the text was never finished")


def text_of(page: AppTest) -> list[int]:
    return page.session_state[WRITING.name].pen.ids


@pytest.mark.parametrize("key", KEYS)
def test_every_language_model_writes_and_is_searched(key):
    page = open_page(model=key)
    assert not page.exception
    assert not page.error
    assert len(text_of(page)) == len(page.session_state[WRITING.name].prompt.ids) + 50
    assert "50 characters written, seed 1" in said(page)
    assert "Candidates, and what was cut" in said(page)
    page.segmented_control(key="tab").set_value("units").run()
    assert not page.exception
    assert page.pills(key="use").options


def test_the_same_seed_gives_the_same_text_and_another_one_another():
    first, again = open_page(seed="3"), open_page(seed="3")
    assert text_of(first) == text_of(again)
    assert text_of(open_page(seed="4")) != text_of(first)


def test_a_text_grows_tick_by_tick_and_can_be_stopped_and_go_on():
    page = pages.open_page("generate", length="200")
    count = page.session_state[WRITING.name].count
    assert count == PER_TICK["fast"]
    page.button(key="stop").click().run()
    assert page.session_state[WRITING.name].count == count
    assert f"Stopped after {count} of 200 characters" in said(page)
    page.button(key="go-on").click().run()
    finish(page)
    assert page.session_state[WRITING.name].count == 200
    assert text_of(page) == text_of(open_page(length="200"))


def test_another_seed_is_one_click_away():
    page = open_page()
    before = text_of(page)
    page.button(key="another").click().run()
    finish(page)
    assert page.query_params["seed"] == "2"
    assert text_of(page) != before


@pytest.mark.parametrize(
    "query",
    [
        {"temperature": "hot"}, {"k": "-3"}, {"p": "7"}, {"seed": "x"}, {"seed": "99999999999"}, {"length": "1e9"},
        {"unit": "9999"}, {"shade": "nowhere"}, {"at": "x.y"}, {"pace": "?"}, {"follow": "?"}, {"on": "?"},
    ],
)  # fmt: skip
def test_whatever_the_url_holds_is_answered_without_a_traceback(query):
    page = open_page(**query, tab="units" if {"follow", "on"} & set(query) else "choices")
    assert not page.exception
    assert not page.error
    assert page.session_state[WRITING.name].count == (200 if "length" in query else 50)


HOSTILE = {
    "nothing": "",
    "blanks": "   \n ",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "emoji and control": "🙂👩‍👩‍👧 \x00\x07",
    "markdown": "# **bold** $x$ :red[y]",
    "too long": "thou " * 700,
}


@pytest.mark.parametrize("prompt", HOSTILE.values(), ids=HOSTILE)
def test_any_prompt_is_written_on_from(prompt):
    page = open_page(text=prompt)
    assert not page.exception
    assert page.session_state[WRITING.name].count == 50


@pytest.mark.parametrize(("model", "answer"), [("sst2-gru", "is for another page"), ("<b>", "no model named")])
def test_a_model_that_does_not_write_is_answered_with_a_sentence(model, answer):
    page = pages.open_page("generate", model=model)
    assert answer in said(page)
    assert page.selectbox(key="model").value == FIRST


def test_greedy_writing_needs_no_seed_and_top_k_of_one_is_the_same():
    one, other = open_page(temperature="0", seed="1"), open_page(temperature="0", seed="9")
    assert text_of(one) == text_of(other) == text_of(open_page(k="1"))


def test_a_selected_character_is_explained_by_its_unit_s_arithmetic():
    page = open_page(at="rnn-0-forward.hidden_state.9.4")
    assert "In the trace" in said(page)
    page.button(key="close").click().run()
    assert "In the trace" not in said(page)


def test_a_best_unit_of_a_property_colours_the_text_with_one_click():
    page = open_page(tab="units")
    option = page.pills(key="use").options[1]
    page.pills(key="use").set_value(option).run()
    assert not page.exception
    shade, unit = (page.query_params[name] for name in ("shade", "unit"))
    assert page.selectbox(key="shade").value == shade
    assert page.selectbox(key="unit").value == unit
    assert f"unit {unit}" in option


def test_units_are_searched_on_the_text_at_hand_too():
    page = open_page(tab="units", on="here", length="400", text="ROMEO:\nO, what a light is this?\n")
    assert not page.exception
    assert "Measured on the text above" in said(page)


@pytest.mark.parametrize("key", KEYS)
def test_what_was_measured_belongs_to_the_weights_and_tells_presence_from_luck(key):
    recipe = recipes("write")[key]
    found = unit_selectivity.load(key, recipe.weights["sha256"])
    assert found, f"{FOLLOWED / key}.json is not of these weights: measure them"
    assert not unit_selectivity.load(key, "other weights")
    for row in found.values():
        assert all(0.0 <= best.score <= 1.0 and 0 <= best.unit < recipe.architecture["hidden"] for _, best in row.units)
        assert 0.0 <= row.luck < 0.5
    strongest = max(found.values(), key=lambda row: row.units[0][1].score)
    assert strongest.units[0][1].score > 0.5 > strongest.luck


# Figures


def test_shades_are_exact_and_signed():
    amounts, low, high = shades(np.array([-2.0, 0.0, 4.0]), gate=False)
    assert (amounts, low, high) == ([-0.5, 0.0, 1.0], -4.0, 4.0)
    assert shades(np.array([0.5]), gate=False)[0] == [0.5]
    assert shades(np.array([0.0, 0.5, 1.0]), gate=True) == ([-1.0, 0.0, 1.0], 0.0, 1.0)


def test_of_many_choices_the_most_open_is_shown():
    model = load(FIRST)
    pen = model.pen(model.task.encode_prompt("ROMEO:\n"), Sampling(seed=1))
    pen.write(30)
    spread = [-sum(p * np.log(p) for p in choice.final if p > 0) for choice in pen.choices]
    assert narrowing.undecided(pen.choices) == int(np.argmax(spread))


def test_a_candidate_that_was_cut_is_blank_and_says_by_what():
    model = load(FIRST)
    prompt = model.task.encode_prompt("ROMEO:\n")
    pen = model.pen(prompt, Sampling(temperature=1.5, top_k=6, top_p=0.7, seed=2))
    pen.write(12)
    names = [[model.task.character(index) for index in choice.ids] for choice in pen.choices]
    labels = [model.task.character(index) for index in pen.ids]
    figure: Any = narrowing.draw_steps(pen.choices, names, labels, len(prompt.ids))
    shares = np.array(figure.data[0].z, dtype=float)
    for at, choice in enumerate(pen.choices):
        for rank in range(len(choice.ids)):
            cut = narrowing.cut_by(choice, rank)
            assert np.isnan(shares[rank, at]) == bool(cut)
            if not cut:
                assert shares[rank, at] == pytest.approx(choice.final[rank], rel=1e-6)
            else:
                assert cut == ("top-k" if rank >= 6 else "top-p")
    assert list(figure.data[1].y) == [choice.count for choice in pen.choices]
    one: Any = narrowing.draw_choice(pen.choices[0], names[0])
    assert [bar.name for bar in one.data] == ["expected by the network", "after temperature", "drawn from"]
    first = pen.choices[0]
    stages = zip(first.plain, first.tempered, first.final, strict=True)
    seen = [place for place, values in enumerate(stages)
            if place < narrowing.LEAST or max(values) >= narrowing.SMALLEST or place == first.rank]  # fmt: skip
    np.testing.assert_allclose(one.data[2].x, np.array(pen.choices[0].final)[seen], rtol=1e-6)
    assert len(one.layout.yaxis.tickvals) == len(seen) <= len(names[0])
    table = narrowing.tabulate(pen.choices, names, len(prompt.ids))
    assert table["written"].tolist().count(True) == 12


@pytest.mark.parametrize("key", KEYS)
def test_the_picture_of_a_reading_holds_the_trace_s_own_numbers(key):
    model = load(key)
    reading = model.task.encode(model.task.examples[0].text)
    trace = model.trace(Encoded(reading.tokens, reading.ids))
    expected = model.expectations(trace)
    assert expected.shape == (len(trace) + 1, model.task.vocabulary)
    np.testing.assert_allclose(expected.sum(axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(
        expected[np.arange(len(trace)), list(reading.ids)], trace.array(NEXT, "chosen_probability"), atol=1e-5
    )
    best = np.sort(expected[1:], axis=1)[:, ::-1][:, :10]
    np.testing.assert_allclose(best, trace.array(NEXT, "candidate_probability"), atol=1e-5)
    drawn = next_token.Expected(
        -np.log(trace.array(NEXT, "chosen_probability")), trace.array(NEXT, "candidate_probability"),
        [["x"] * 10 for _ in reading.ids], trace.tokens.labels, model.task.vocabulary,
    )  # fmt: skip
    figure: Any = next_token.draw(drawn, 3)
    np.testing.assert_array_equal(np.array(figure.data[0].z), trace.array(NEXT, "candidate_probability").T)
    assert len(next_token.tabulate(drawn)) == 10 * len(trace)
    assert trace.array(Site("rnn"), "hidden_state").shape[1] == model.recipe.architecture["hidden"]
