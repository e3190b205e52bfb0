"""The memory race: its tasks ask what they say, its networks are of one size and learn, its results are whole."""

from itertools import islice, product
from random import Random
from statistics import median

import numpy as np
import pytest
import torch

from pretrained.memory import adding, continual, live, race, reber, recall, summary
from pretrained.memory.architectures import CELLS, STREAM_CELLS
from pretrained.memory.network import MemoryNetwork, build, size_for
from pretrained.memory.published import PUBLISHED
from pretrained.memory.results import ResultsError, read_results, write_results
from pretrained.memory.training import BUDGETS, LAGS, SEEDS, SETTINGS, TASKS, Settings, generator_of, run

QUICK = Settings(steps=400, check_count=128, test_count=100)


# The tasks


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.key)
@pytest.mark.parametrize("lag", [2, 5, 40])
def test_sequences_have_their_shape_and_depend_on_the_generator_alone(task, lag):
    x, target = task.sample(lag, 7, generator_of("one"))
    steps = lag + 2 if task.key == "recall" else lag
    assert (tuple(x.shape), len(target)) == ((steps, 7, task.inputs), 7)
    again, other = task.sample(lag, 7, generator_of("one")), task.sample(lag, 7, generator_of("two"))
    assert torch.equal(x, again.x)
    assert torch.equal(target, again.target)
    assert not torch.equal(x, other.x)


def test_recall_shows_the_answer_at_the_first_step_only_and_asks_at_the_last():
    x, target = recall.sample(12, 500, generator_of("recall"))
    assert torch.equal(x.sum(dim=2), torch.ones(14, 500))
    assert torch.equal(x[0].argmax(dim=1), target)
    assert not x[1:, :, : recall.SYMBOLS].any()
    assert x[-1, :, recall.ASK].all()
    assert not x[:-1, :, recall.ASK].any()
    assert set(target.tolist()) == set(range(8))
    # distractors tell nothing: knowing any one of them, the symbols are as frequent as without
    table = torch.zeros(recall.DISTRACTORS, recall.SYMBOLS)
    x, target = recall.sample(1, 8000, generator_of("leak"))
    for noise, symbol in zip(x[1].argmax(dim=1) - recall.SYMBOLS, target, strict=True):
        table[noise, symbol] += 1
    assert float((table / table.sum(dim=1, keepdim=True) - 1 / 8).abs().max()) < 0.04


def test_adding_marks_one_number_in_each_half_and_asks_for_their_sum():
    x, target = adding.sample(11, 500, generator_of("adding"))
    numbers, marks = x[:, :, 0], x[:, :, 1]
    assert torch.equal(marks[:5].sum(dim=0), torch.ones(500))
    assert torch.equal(marks[5:].sum(dim=0), torch.ones(500))
    assert torch.allclose(target, (numbers * marks).sum(dim=0))
    assert bool((marks.sum(dim=1) > 0).all())  # every step is marked some time


def test_always_answering_one_reaches_the_floors_of_adding():
    _, target = adding.sample(20, 40_000, generator_of("floor"))
    ones = torch.ones(len(target), 1)
    assert float(adding.loss(ones, target)) == pytest.approx(adding.FLOOR_ERROR, abs=0.003)
    assert float(adding.correct(ones, target).float().mean()) == pytest.approx(adding.TASK.floor, abs=0.005)


def test_reber_streams_are_strings_of_the_automaton():
    symbols = list(islice(reber.write_stream(Random("strings")), 3000))  # noqa: S311 - reproducible data, not a secret
    text, place = "".join(symbol.symbol for symbol in symbols), 0
    while place < len(text) - 60:
        first, state, place = text[place + 1], 0, place + 2
        while state != reber.END:
            state = dict(reber.AUTOMATON[state])[text[place]]
            place += 1
        assert (text[place], text[place + 1]) == (first, "E")
        assert symbols[place].outer
        assert symbols[place].legal == first
        place += 2
    assert all(symbol.symbol in symbol.legal for symbol in symbols)


def test_a_stream_goes_on_where_it_was_left():
    whole, parts = reber.Streams(3, 1).take(50), reber.Streams(3, 1)
    cut = [parts.take(20), parts.take(30)]
    for one, pieces in zip(whole, zip(*cut, strict=True), strict=True):
        assert torch.equal(one, torch.cat(pieces))


def test_a_prediction_is_legal_only_if_every_legal_symbol_ranks_first():
    legal = torch.tensor([[False, True, True, False, False, False, False]] * 2)
    answers = torch.tensor([[0.0, 3, 2, 1, 0, 0, 0], [0.0, 3, 1, 2, 0, 0, 0]])
    assert reber.judge_legal(answers, legal).tolist() == [True, False]
    places = torch.tensor([reber.PLACES["T"], reber.PLACES["P"], reber.PLACES["P"]])
    assert reber.judge_outer(answers[[0, 0, 1]], places).tolist() == [True, False, False]


# The networks


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.key)
def test_all_architectures_have_equally_many_parameters(task):
    counts = []
    for cell in CELLS:
        network = build(cell, task, BUDGETS[task.key], lag=10)
        counts.append(sum(parameter.numel() for parameter in network.parameters()))
        assert size_for(cell, task, BUDGETS[task.key]).parameters == counts[-1]
    assert max(counts) / min(counts) < 1.03


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_begin_by_keeping_the_past_for_at_most_the_lag(cell):
    torch.manual_seed(0)
    network = build(cell, recall.TASK, BUDGETS["recall"], lag=100)
    blocks = network.rnn.get_parameter("bias_ih_l0").chunk(3 if cell == "gru" else 4)
    keep = torch.sigmoid(blocks[1]).detach()
    half_lives = 1 / (1 - keep)
    assert float(half_lives.min()) >= 2.0
    assert 50 < float(half_lives.max()) <= 101


def test_an_unknown_cell_is_refused():
    with pytest.raises(ValueError, match="expected one of rnn"):
        MemoryNetwork("perceptron", 3, 4, 2, lag=5)


def test_the_lstm_without_forget_gate_adds_up_whatever_training_does():
    settings = continual.Settings(streams=2, chunk=10, chunks=5, marks=(), mark_steps=10)
    torch.manual_seed(0)
    network = continual.StreamNetwork("lstm_no_forget")
    before = [parameter.clone() for parameter in network.parameters()]
    continual.train(network, 1e-2, 1, settings)
    assert any(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
    hidden, ids = network.rnn.hidden_size, reber.Streams(1, 3).take(30).ids
    x = reber.encode(ids)[:, 0]
    given = dict(network.rnn.named_parameters())
    states, _ = network.rnn(x[:, None])
    previous = torch.cat([torch.zeros(1, hidden), states[:-1, 0]])
    sums = x @ given["weight_ih_l0"].t() + previous @ given["weight_hh_l0"].t()
    i, f, g, _ = (sums + given["bias_ih_l0"] + given["bias_hh_l0"]).chunk(4, dim=1)
    assert torch.equal(torch.sigmoid(f), torch.ones_like(f))
    written = (torch.sigmoid(i) * torch.tanh(g)).sum(dim=0)
    assert torch.allclose(network.rnn(x[:, None])[1][1][0, 0], written, atol=1e-5)


def test_both_lstms_of_the_stream_learn_equally_many_parameters():
    counts = [continual.StreamNetwork(key).learned for key in STREAM_CELLS]
    assert max(counts) / min(counts) < 1.03


# Training


@pytest.mark.parametrize("cell", CELLS)
def test_a_short_lag_is_learned_from_fresh_sequences(cell):
    row, network = run("recall", cell, 5, 1, QUICK)
    assert row["solved"]
    assert row["accuracy"] > 0.95
    assert row["steps"] < QUICK.steps
    assert row["hidden"] == network.readout.in_features


def test_a_run_depends_on_its_name_alone():
    first, one = run("adding", "gru", 5, 2, Settings(learning_rates=(1e-2,), steps=20))
    torch.manual_seed(99)
    second, two = run("adding", "gru", 5, 2, Settings(learning_rates=(1e-2,), steps=20))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_a_race_goes_on_where_it_stopped_and_keeps_what_it_had(tmp_path, monkeypatch):
    trained = []

    def pretend(task, cell, lag, seed, settings):
        trained.append((cell, lag, seed))
        return {"task": task, "cell": cell, "lag": lag, "seed": seed}, None

    monkeypatch.setattr("pretrained.memory.training.run", pretend)
    race.race("recall", ["gru"], [5], [1, 2], QUICK, tmp_path)
    race.race("recall", ["lstm", "gru"], [5], [1, 2], QUICK, tmp_path)
    assert trained == [("gru", 5, 1), ("gru", 5, 2), ("lstm", 5, 1), ("lstm", 5, 2)]
    with pytest.raises(ResultsError, match="move the file away"):
        race.race("recall", ["gru"], [5], [1, 2], Settings(batch=8), tmp_path)


# What was measured


@pytest.mark.parametrize("task", TASKS)
def test_the_results_hold_every_run_of_equal_size(task):
    found = read_results(task)
    rows = found["rows"]
    names = sorted((row["cell"], row["lag"], row["seed"]) for row in rows)
    assert names == sorted(product(CELLS, LAGS[task], SEEDS))
    sizes = {row["parameters"] for row in rows}
    assert max(sizes) / min(sizes) < 1.03
    assert all(0 <= row["accuracy"] <= 1 for row in rows)
    most = SETTINGS[task].steps * len(SETTINGS[task].learning_rates)
    assert all(0 < row["steps"] <= most for row in rows)
    assert found["settings"]["batch"] == SETTINGS[task].batch


def test_the_stream_results_hold_every_run_of_equal_size():
    rows = read_results("reber")["rows"]
    names = sorted((row["cell"], row["learning_rate"], row["seed"]) for row in rows)
    assert names == sorted(product(STREAM_CELLS, continual.RATES, continual.SEEDS))
    sizes = {row["parameters"] for row in rows}
    assert max(sizes) / min(sizes) < 1.03


def test_gates_and_attention_reach_every_lag_of_recall_with_a_fraction_of_the_training():
    rows = read_results("recall")["rows"]
    for cell in ("gru", "lstm", "attentive"):
        assert all(good == count for good, count in summary.lags_reached(rows, cell).values()), cell
    steps = {cell: [r["steps"] for r in rows if r["cell"] == cell and r["lag"] >= 50] for cell in CELLS}
    for slow, fast in product(("rnn", "rnn_relu"), ("gru", "lstm", "attentive")):
        assert median(steps[slow]) > 3 * median(steps[fast]), (slow, fast)
    relu = summary.lags_reached(rows, "rnn_relu")
    assert relu[200][0] < relu[200][1]


def test_a_tanh_network_loses_at_adding_what_all_others_reach():
    rows = read_results("adding")["rows"]
    reached = {cell: summary.lags_reached(rows, cell) for cell in CELLS}
    assert reached["rnn"][20] == (0, 3)
    assert all(reached[cell][20] == (3, 3) for cell in CELLS if cell != "rnn")


def test_only_where_nothing_forgets_the_cell_state_grows():
    for row in read_results("reber")["rows"]:
        growth = row["norm_by_window"][-1] / row["norm_by_window"][0]
        assert growth > 5 if row["cell"] == "lstm_no_forget" else growth < 2, row["seed"]


def test_a_missing_results_file_is_answered_with_what_to_do():
    with pytest.raises(ResultsError, match="--tasks nothing"):
        read_results("nothing")


def test_results_are_read_as_they_were_written(tmp_path):
    write_results(tmp_path / "x" / "a.json", {"steps": 3}, [{"cell": "gru"}, {"cell": "lstm"}])
    assert race.read_rows(tmp_path / "x" / "a.json", {"steps": 3}) == [{"cell": "gru"}, {"cell": "lstm"}]


# In words


def row_of(cell, lag, seed, accuracy, steps=100):
    return {"cell": cell, "lag": lag, "seed": seed, "accuracy": accuracy, "steps": steps}


def test_the_summary_says_what_the_rows_hold():
    rows = [row_of("gru", lag, seed, 1.0, 50 * seed) for lag in (5, 10) for seed in (1, 2, 3)]
    rows += [row_of("rnn", 5, 1, 1.0), row_of("rnn", 5, 2, 0.99), row_of("rnn", 10, 1, 0.2), row_of("rnn", 10, 2, 0.96)]
    rows += [row_of("lstm", 5, 1, 0.3), row_of("lstm", 10, 1, 0.3)]
    assert summary.describe_reach(rows) == [
        "**tanh RNN**: in every seed at lag 5; in 1 of 2 seeds at lag 10.",
        "**GRU**: every lag up to 10, in every seed.",
        "**LSTM**: in no seed at lag 5 and 10.",
    ]
    assert summary.describe_effort(rows).endswith("successful seeds): GRU 100 and tanh RNN 100.")
    assert summary.conclude_reach(rows) == (
        "**At lag 10, the task is learned by GRU in every seed; by tanh RNN in some seeds; by LSTM in none.**"
    )
    rows += [row_of("lstm", 10, seed, 1.0, 700) for seed in (2, 3)]
    assert "GRU needs the fewest training steps (100, the median of its successful seeds)" in (
        summary.conclude_effort(rows)
    )
    assert "and LSTM the most (700)" in summary.conclude_effort(rows)


@pytest.mark.parametrize("task", ["adding", "recall"])
def test_gates_learn_what_the_first_figures_of_the_page_show(task):
    found = summary.conclude_reach(read_results(task)["rows"])
    assert "GRU" in found.split("in every seed")[0]
    assert "ReLU RNN" not in found.split("in every seed")[0]


def test_published_results_belong_to_tasks_and_cells_and_name_their_source():
    for point in PUBLISHED:
        assert point.task in (*TASKS, "reber")
        assert point.cell in (STREAM_CELLS if point.task == "reber" else CELLS)
        assert point.reported.startswith("as reported in")


# Live


@pytest.mark.parametrize("cell", CELLS)
def test_an_answer_on_the_side_is_what_the_network_says_when_asked(cell):
    answers = live.ask(cell, symbol=5, lag=30, draw=2)
    assert answers.probability.shape == (31, recall.SYMBOLS)
    network = live.network_of(cell)
    for waited in (0, 7, 30):
        ids = torch.cat([live.read_ids(5, waited, 2), torch.tensor([recall.ASK])])
        with torch.no_grad():
            said = network(recall.encode(ids)[:, None]).softmax(dim=1)[0]
        np.testing.assert_allclose(answers.probability[waited], said, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_the_live_network_scores_what_its_row_claims(cell):
    row = next(
        row
        for row in read_results("recall")["rows"]
        if (row["cell"], row["lag"], row["seed"]) == (cell, live.LAG, live.SEED)
    )
    x, target = recall.sample(live.LAG, row_count := SETTINGS["recall"].test_count, generator_of("recall", 100, "test"))
    with torch.no_grad():
        right = recall.correct(live.network_of(cell)(x), target).sum()
    assert float(right) / row_count == pytest.approx(row["accuracy"], abs=0.002)


def test_gates_and_looks_are_shown_where_there_are_some():
    kinds = {cell: live.ask(cell, 0, 10) for cell in CELLS}
    assert [cell for cell, found in kinds.items() if found.keep is not None] == ["gru", "lstm"]
    assert [cell for cell, found in kinds.items() if found.look is not None] == ["attentive"]
    look = kinds["attentive"].look
    assert look is not None
    assert look[0] == 1.0  # one state to look at


def test_networks_asked_at_other_lags_hold_what_the_file_says():
    found = read_results("other_lags")
    rows = {row["cell"]: row["right"] for row in found["rows"]}
    assert list(rows) == list(CELLS)
    assert {len(right) for right in rows.values()} == {found["settings"]["longest"] + 1}
    again = live.share_right("lstm", longest=130, draws=1)
    assert again[100:].tolist() == pytest.approx(rows["lstm"][100:131], abs=0.02)
    for cell in ("gru", "lstm", "attentive"):  # holding a symbol is not a matter of timing
        assert min(rows[cell][live.LAG :]) > 0.99, cell


def test_the_summary_of_other_lags_leaves_the_trained_lag_out():
    right = [0.0] * 50 + [0.5] * 25 + [1.0] + [0.5] * 24 + [1.0] + [0.25] * 50 + [0.75] * 50
    line = summary.describe_other_lags([{"cell": "rnn", "right": right}], 100)[0]
    around = (0.5 * 49 + 1.0 + 0.25 * 50) / 100
    assert line == (
        f"**tanh RNN**: 100% right at lag 100; from 50 to 150, that lag left out, {around:.0%} on average; "
        "75% at lag 200."
    )


def test_damaged_weights_are_answered_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "WEIGHTS", tmp_path)
    live.network_of.cache_clear()
    (tmp_path / "recall-gru.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ResultsError, match="train it anew"):
        live.ask("gru", 0, 5)
    live.network_of.cache_clear()
