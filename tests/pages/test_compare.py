"""The Compare page: both ways of comparing, every baseline, and whatever the boxes or the URL hold."""

import pytest
from streamlit.testing.v1 import AppTest

from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.registry import every_recipe, recipes, task_of
from tests.pages.test_pages import MIXED, choose_model
from tests.support.pages import open_page, sentences
from tests.support.shapes import one_of_each
from viz import session
from viz.compare.baselines import BASELINES
from viz.inputs import READING, offered

COMPARE = "app_pages/compare.py"
MODES = ("models", "inputs")

ONE_OF_EACH = {task_of(recipe).key: key for key, recipe in reversed(offered(*READING).items())}
"""The first model of every task."""

ANSWERED = ("**Answers**", "**Forecasts**", "**Class of the whole input**")


def open_compare(**query: str) -> AppTest:
    return open_page("compare", **query)


def in_url(page: AppTest, name: str) -> str:
    value = page.query_params[name]
    return value if isinstance(value, str) else value[0]


def headings(page: AppTest) -> list[str]:
    return [line.value for line in page.markdown if line.value.startswith("**")]


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("mode", MODES)
def test_both_ways_of_comparing_open_with_every_baseline(mode, baseline):
    page = open_compare(mode=mode, baseline=baseline)
    assert not page.exception
    assert not page.error
    assert "**Answers**" in headings(page)
    beside = [heading for heading in headings(page) if heading.startswith("**Answers\\:")]
    assert len(beside) == (baseline != "none")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("key", ONE_OF_EACH.values())
def test_the_models_of_every_task_can_be_compared_and_read_two_inputs(key, mode):
    page = open_compare(mode=mode, model=key, baseline="untrained")
    assert not page.exception
    assert not page.error
    assert any(found in headings(page) for found in ANSWERED)
    if mode == "inputs":
        page.segmented_control(key="tab").set_value("states").run()
    assert ("**Distance of the states**" in headings(page)) == (mode == "inputs")
    assert not page.exception
    assert "The two" not in "".join(info.value for info in page.info)
    if mode == "models":
        chosen = page.multiselect(key="models").value
        assert chosen[0] == key
        assert {every_recipe()[other].task for other in chosen} == {every_recipe()[key].task}
        assert len(page.table[0].value) == 2 * len(chosen)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("key", ["co2-gru", "spoken-digits-gru", "splice-bigru", "protein-bilstm", "c-code-lstm"])
def test_inputs_of_every_medium_can_be_shuffled(key, mode):
    page = open_compare(mode=mode, model=key, baseline="shuffled")
    assert not page.exception
    assert not page.error
    assert any("order 1" in heading for heading in headings(page))


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "layers", "bidirectional", "readout"))
def test_every_sentiment_model_can_be_compared_with_another(key):
    other = next(iter(recipes("sentiment").keys() - {key}))
    page = open_compare(models=f"{key},{other}")
    assert page.multiselect(key="models").value == [key, other]
    assert not page.exception
    assert not page.error


def test_a_task_with_one_model_offers_baselines_and_two_inputs():
    page = open_compare(model="pos-bilstm")
    assert "the only model of its task" in page.info[0].value
    page.segmented_control(key="mode").set_value("inputs").run()
    assert page.selectbox(key="model").value == "pos-bilstm"
    assert "**Unit by unit**" in headings(page.segmented_control(key="tab").set_value("states").run())


def test_the_page_opens_on_two_sentences_and_with_a_text_of_one_s_own_on_several_models():
    page = open_compare()
    assert page.text_input(key="text").value == "this is a good film"
    assert page.text_input(key="second").value == "this is not a good film"
    assert page.selectbox(key="model").value == "sst2-gru-attention"
    page = open_compare(model="sst2-gru-attention", text="a dull film")
    assert page.multiselect(key="models").value[0] == "sst2-gru-attention"


def test_another_task_brings_its_models_and_an_example_of_its_own():
    page = open_compare(text="a dull film")
    page.selectbox(key="task").select("beijing-pm25").run()
    assert not page.exception
    assert page.multiselect(key="models").value == ["beijing-attention", "beijing-gru", "beijing-lstm"]
    assert page.selectbox(key="text").value == "smog"
    assert "**Forecasts**" in headings(page)
    assert in_url(page, "model") == "beijing-attention"
    page.selectbox(key="task").select("sentiment").run()
    assert page.text_input(key="text").value == "a dull film"
    assert "**Answers**" in headings(page)


def test_the_models_of_another_page_are_compared_with_others_of_their_task():
    page = open_compare(model="shakespeare-gru")
    assert page.multiselect(key="models").value == ["shakespeare-gru", "shakespeare-lstm"]
    assert "Mean surprise" in sentences(page)


def test_two_windows_of_one_series_can_be_compared():
    page = open_compare(mode="inputs", model="co2-gru", second="recent")
    assert not page.exception
    assert "The two windows are the same" in page.info[0].value
    box = page.number_input(key="second-end")
    assert box.value is not None
    box.set_value(box.value - 1).run()
    assert not page.exception
    assert not page.info
    assert "The states never differ" not in sentences(page)


def test_another_model_takes_its_second_input_along():
    page = open_compare(mode="inputs", model="sst2-gru", second="my own words")
    choose_model(page, "spoken-digits-gru")
    assert not page.exception
    assert page.selectbox(key="second").value != "my own words"
    choose_model(page, "pos-bilstm")
    assert not page.exception
    assert page.text_input(key="second").value


def test_a_long_text_is_compared_in_its_open_part():
    page = open_compare(models="shakespeare-lstm,shakespeare-gru", text="Kate. " * 90)
    assert not page.exception
    assert "read as if nothing came before it" in sentences(page)
    assert "**Answers**" in headings(page)


@pytest.mark.parametrize("form", ["lines", "heatmaps"])
def test_every_quantity_can_be_shown_in_both_forms(form):
    page = open_compare(models="sst2-gru-attention,sst2-lstm,sst2-rnn,sst2-gru-attention-fused", form=form)
    names = page.selectbox(key="quantity").options
    assert any("share of the past kept" in name for name in names)
    for number in range(len(names)):
        page.selectbox(key="quantity").select_index(number).run()
        assert not page.exception
        assert not page.error


def test_without_another_seed_the_switch_says_so_and_the_rest_stays():
    page = open_compare(baseline="seed", models="sst2-gru-dot,sst2-rnn")
    assert "No other seed is shipped for\\: GRU, dot\\-product attention, Vanilla RNN" in page.info[0].value
    assert "**Answers**" in headings(page)


@pytest.mark.parametrize("mode", MODES)
def test_another_seed_that_is_shipped_stands_beside_the_model(mode):
    page = open_compare(mode=mode, baseline="seed", models="sst2-rnn,sst2-gru", model="sst2-gru")
    assert not page.exception
    assert any("trained from another seed" in heading for heading in headings(page))
    if mode == "models":
        assert "No other seed is shipped for\\: Vanilla RNN" in page.info[0].value
        assert "GRU, seed 2" in str(page.table[0].value.index.tolist())


def test_the_table_names_every_model_with_its_score_cost_and_half_life():
    page = open_compare(models="sst2-lstm,sst2-rnn", baseline="untrained")
    table = page.table[0].value
    assert len(table) == 4
    lstm = table.loc["LSTM"]
    assert str(lstm["parameters"]).replace("\\", "") == "766,753"
    assert "86" in lstm["test score [95% interval]"]
    assert "no gate keeps" in str(list(table.loc["Vanilla RNN"]))
    assert float(str(lstm["ms an answer"]).replace("\\", "")) > 0


def test_shuffle_again_draws_another_order_and_keeps_it_in_the_url():
    page = open_compare(baseline="shuffled")
    assert in_url(page, "shuffle") == "1"
    next(button for button in page.button if button.label == "Shuffle again").click().run()
    assert in_url(page, "shuffle") == "2"
    assert any("order 2" in heading for heading in headings(page))
    assert not page.exception


@pytest.mark.parametrize("pair", PAIRS["sentiment"], ids=lambda pair: pair.title)
def test_a_pair_is_one_click_away(pair):
    page = open_compare(mode="inputs")
    page.pills(key="pair").set_value(pair.title).run()
    assert (page.text_input(key="text").value, page.text_input(key="second").value) == (pair.first, pair.second)
    assert pair.why in sentences(page)
    assert not page.exception


@pytest.mark.parametrize(
    ("models", "sentence", "kept"),
    [
        ("sst2-gru,nonsense,sst2-lstm", "There is no model named “nonsense”", ["sst2-gru", "sst2-lstm"]),
        ("<b>x</b>,sst2-gru", "There is no model named “\\<b\\>x\\</b\\>”", ["sst2-gru"]),
        ("sst2-gru,sst2-gru", "A model that is named twice is shown once", ["sst2-gru"]),
        (",".join(list(recipes("sentiment"))[:6]), "At most 4 models are compared", list(recipes("sentiment"))[:4]),
        ("nonsense", "There is no model named “nonsense”", list(recipes("sentiment"))[:3]),
        (",,", "", list(recipes("sentiment"))[:3]),
        ("", "", list(recipes("sentiment"))[:3]),
    ],
)
def test_models_that_the_url_cannot_have_are_answered_with_a_sentence(models, sentence, kept):
    page = open_compare(models=models)
    assert not page.exception
    assert page.multiselect(key="models").value == kept
    assert sentence in "\n".join(warning.value for warning in page.warning)
    assert bool(page.warning) == bool(sentence)
    assert "**Answers**" in headings(page)


def test_models_of_two_tasks_are_not_compared():
    page = open_compare(models="sst2-gru,co2-gru,sst2-rnn")
    assert "Only models of one task can be compared" in page.warning[0].value
    assert page.multiselect(key="models").value == ["sst2-gru", "sst2-rnn"]


def test_a_translator_is_not_compared_with_a_model_of_another_task():
    page = open_compare(models="dates-attention,sst2-rnn")
    assert "Only models of one task can be compared" in page.warning[0].value
    assert page.multiselect(key="models").value == ["dates-attention"]


def test_one_model_is_shown_and_a_second_one_asked_for():
    page = open_compare(models="sst2-lstm")
    assert "Choose a second model" in page.info[0].value
    assert "**Answers**" in headings(page)


def test_no_model_is_answered_with_a_sentence_and_keeps_the_text():
    page = open_compare(text="a dull film")
    page.multiselect(key="models").set_value([]).run()
    assert "Choose two to four models" in page.info[0].value
    assert page.text_input(key="text").value == "a dull film"
    page.multiselect(key="models").set_value(["sst2-gru"]).run()
    assert "**Answers**" in headings(page)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED)
def test_any_text_is_answered_without_a_traceback(text, mode):
    page = open_compare(mode=mode, text=text, second=text[::-1], baseline="shuffled")
    assert not page.exception
    assert not page.error
    assert "**Answers**" in headings(page)


@pytest.mark.parametrize("query", [{"text": " "}, {"mode": "inputs", "text": " "}, {"mode": "inputs", "second": " "}])
def test_an_empty_text_says_what_to_do_and_keeps_the_page(query):
    page = open_compare(**query)
    assert not page.exception
    assert "type a sentence, or pick an example" in page.info[0].value
    assert page.text_input(key="text")


def test_two_equal_texts_are_answered_with_a_sentence():
    page = open_compare(mode="inputs", text="a dull film", second="a dull film")
    assert "The two texts are the same" in page.info[0].value
    assert "do not clearly split" not in sentences(page)
    assert "The states never differ" in sentences(page.segmented_control(key="tab").set_value("states").run())


def test_one_token_cannot_be_shuffled_and_the_page_says_so():
    for mode in MODES:
        page = open_compare(mode=mode, text="boring", second="dull", baseline="shuffled")
        assert "cannot be shuffled" in page.info[0].value
        assert "**Answers**" in headings(page)


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "sideways"}, {"baseline": "x"}, {"quantity": "sparkle"}, {"form": "9"}, {"token": "999"},
        {"token": "-1"}, {"token": "x"}, {"baseline": "shuffled", "shuffle": "x"},
        {"baseline": "shuffled", "shuffle": "9" * 30}, {"task": "weather"}, {"mode": "inputs", "layer": "x"},
    ],
)  # fmt: skip
def test_broken_options_in_the_url_fall_back_to_the_usual_ones(query):
    page = open_compare(**query)
    assert not page.exception
    assert "**Answers**" in headings(page)


def test_an_unknown_model_for_two_texts_is_answered_with_a_sentence():
    page = open_compare(mode="inputs", model="nonsense")
    assert "There is no model named" in page.warning[0].value
    assert "**Answers**" in headings(page)


@pytest.mark.parametrize("mode", MODES)
def test_a_damaged_model_is_answered_with_a_sentence(mode, monkeypatch: pytest.MonkeyPatch, tmp_path):
    from pretrained import recipe

    session.model.clear()
    session.traced.clear()
    monkeypatch.setattr(recipe, "WEIGHTS", tmp_path)
    page = open_compare(mode=mode)
    assert not page.exception
    assert "are missing" in page.error[0].value


def test_the_url_restores_models_texts_baseline_and_quantity():
    query = {
        "mode": "models", "models": "sst2-lstm,sst2-rnn", "text": "a dull film", "baseline": "untrained",
        "quantity": "hidden_state", "form": "heatmaps", "token": "1",
    }  # fmt: skip
    page = open_compare(**query)
    assert page.selectbox(key="quantity").value == "hidden_state"
    assert {name: in_url(page, name) for name in query} == query
    assert "how the reader at" not in sentences(page)  # neither has attention
    page = open_compare(mode="inputs", model="sst2-rnn", text="a dull film", second="a fine film")
    assert page.text_input(key="second").value == "a fine film"
    assert page.selectbox(key="model").value == "sst2-rnn"


def test_what_was_chosen_in_one_mode_is_still_there_after_the_other():
    page = open_compare(models="sst2-lstm,sst2-rnn", text="a dull film")
    page.segmented_control(key="mode").set_value("inputs").run()
    assert (page.text_input(key="text").value, page.text_input(key="second").value) == ("a dull film", "a dull film")
    page.text_input(key="second").set_value("a fine film").run()
    page.segmented_control(key="mode").set_value("models").run()
    assert page.multiselect(key="models").value == ["sst2-lstm", "sst2-rnn"]
    page.segmented_control(key="mode").set_value("inputs").run()
    assert page.text_input(key="second").value == "a fine film"


def test_explore_leads_here_with_its_text_and_back_without_losing_it():
    page = open_page(text="a dull film")
    page.query_params.clear()
    page.switch_page(COMPARE).run()
    assert page.text_input(key="text").value == "a dull film"
    page.query_params.clear()
    page.switch_page("app_pages/explore.py").run()
    assert page.text_input(key="text").value == "a dull film"
    assert page.metric
