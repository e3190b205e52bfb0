"""The lab: its problems are what they say, and a training depends on its settings alone, however it is cut or ended."""

import pickle
import re
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core_models.cells import CELLS
from core_models.explain.memory.timescale import half_lives
from core_models.trace import Site
from pretrained.lab import queue
from pretrained.lab.learning import Progress, State, advance, fresh, held_out, network_at, record
from pretrained.lab.problems import PROBLEMS
from pretrained.lab.problems.brackets import balanced
from pretrained.lab.queue import LAB, Run
from pretrained.lab.settings import LONGEST_ATTENDING, Settings
from pretrained.memory.training import generator_of
from pretrained.task import InputError
from viz.lab.finished import as_model

SMALL = Settings(problem="parity", length=4, hidden=8, steps=50)
every_problem = pytest.mark.parametrize("key", PROBLEMS)
every_cell = pytest.mark.parametrize("cell", CELLS)


def usual(key: str, **others) -> Settings:
    known: dict[str, Any] = {"problem": key, "length": PROBLEMS[key].usual, "hidden": 8, "steps": 50}
    return Settings(**known | others)


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@every_problem
def test_a_problem_gives_the_same_sequences_again_and_others_for_another_seed(key):
    problem = PROBLEMS[key]
    one, again, other = (problem.sample(problem.usual, 8, generator_of(seed)) for seed in (1, 1, 2))
    assert torch.equal(one.content, again.content)
    assert torch.equal(one.target, again.target)
    assert not torch.equal(one.content, other.content)


@every_problem
def test_the_lengths_that_a_problem_offers_can_be_learned_and_what_it_reads_is_in_its_vocabulary(key):
    problem = PROBLEMS[key]
    for length in (problem.lengths[0], problem.usual, problem.lengths[-1]):
        batch = problem.sample(length, 4, generator_of(key))
        assert batch.asked.any()
        assert batch.target.shape == batch.asked.shape
        if problem.channels:
            assert batch.content.shape[2] == problem.channels
        else:
            assert 2 <= int(batch.content.min()) <= int(batch.content.max()) < len(problem.words)
        if not problem.numeric:
            assert 0 <= int(batch.target.min()) <= int(batch.target.max()) < len(problem.outputs)


def read(key: str, length: int):
    """Sequences as text with their right answers, the places that are asked."""
    problem = PROBLEMS[key]
    batch = problem.sample(length, 64, generator_of("read", key))
    texts = ["".join(problem.words[index] for index in row) for row in batch.content.tolist()]
    return problem, batch, texts


@pytest.mark.parametrize(("key", "order"), [("copy", 1), ("reverse", -1)])
def test_what_was_read_is_to_be_written_again_in_the_order_that_is_asked(key, order):
    problem, batch, texts = read(key, 5)
    for text, target, asked in zip(texts, batch.target, batch.asked, strict=True):
        assert text[5:] == "?" * 5
        assert asked.tolist() == [False] * 5 + [True] * 5
        assert "".join(problem.outputs[index] for index in target[asked].tolist()) == text[:5][::order]


def test_the_answers_to_problems_of_one_class_follow_from_what_is_read():
    rules = {
        "recall": lambda text: text[0],
        "order": lambda text: "".join(sign for sign in text if sign in "XY"),
        "brackets": lambda text: "balanced" if balanced(text) else "not balanced",
    }
    for key, rule in rules.items():
        problem, batch, texts = read(key, 12)
        assert [problem.outputs[index] for index in batch.target.tolist()] == [rule(text) for text in texts]


def test_brackets_are_judged_by_kind_and_order_and_no_count_tells_them_apart():
    assert balanced("([])[]")
    assert not any(map(balanced, ("(]", "([)]", "(", ")(", "(()")))
    _, batch, texts = read("brackets", 12)
    assert 0.4 < batch.target.float().mean() < 0.6
    for text in texts:
        assert text.count("(") == text.count(")")
        assert text.count("[") == text.count("]")


def test_parity_is_that_of_the_ones_so_far():
    _, batch, texts = read("parity", 9)
    for text, target in zip(texts, batch.target.tolist(), strict=True):
        assert target == [text[: step + 1].count("1") % 2 for step in range(len(text))]


def test_reber_scores_the_symbols_that_repeat_the_second_of_their_string():
    problem, batch, texts = read("reber", 40)
    assert batch.scored is not None
    for text, target, scored in zip(texts, batch.target, batch.scored, strict=True):
        following = text[0] + "".join(problem.outputs[index] for index in target.tolist())
        assert following[:-1] == text
        for end in (match.end() for match in re.finditer("(?<=E)B", text[1:])):
            assert following[1] in "TP"
            assert end
        assert {following[int(step) + 1] for step in scored.nonzero()[:, 0]} <= set("TP")


def test_adding_and_flip_flop_have_the_right_numbers():
    adding, flips = (PROBLEMS[key].sample(20, 16, generator_of(key)) for key in ("adding", "flip-flop"))
    assert torch.allclose((adding.content[..., 0] * adding.content[..., 1]).sum(1), adding.target[:, -1, 0])
    assert adding.asked.sum() == len(adding.content)
    for pulses, target in zip(flips.content, flips.target, strict=True):
        held = torch.zeros(3)
        for now, right in zip(pulses, target, strict=True):
            held = torch.where(now != 0, now, held)
            assert torch.equal(held, right)


@every_problem
def test_an_untrained_network_is_right_about_as_often_as_the_floor_and_the_right_answers_always(key):
    settings = usual(key)
    batch = held_out(settings)
    problem = settings.task
    right = torch.eye(len(problem.outputs))[batch.target.long()] if not problem.numeric else batch.target
    assert bool(problem.judge(right, batch).all())
    assert record(settings, fresh(settings), 0).score <= problem.floor + 0.2


@every_cell
@pytest.mark.parametrize("attention", ["none", "additive"])
def test_every_cell_learns_a_step_and_what_is_recorded_is_finite(cell, attention):
    settings = Settings(problem="recall", length=5, hidden=8, cell=cell, attention=attention, steps=50)
    found = advance(settings, None, 2)
    assert not found.trouble
    assert [each.step for each in found.records] == [0, 1, 2]
    assert not same(found.records[0].weights, found.records[2].weights)
    assert np.isfinite(found.records[2].reach).all()
    assert len(found.records[2].radius) == len(CELLS[cell].reading_parts)


@pytest.mark.parametrize(
    ("key", "optimizer"), [("parity", "adam"), ("adding", "rmsprop"), ("flip-flop", "sgd"), ("reber", "adam")]
)
def test_the_same_settings_lead_to_the_same_weights_however_often_it_was_stopped(key, optimizer):
    settings = usual(key, optimizer=optimizer)
    whole = advance(settings, None, 12)
    first = pickle.loads(pickle.dumps(advance(settings, None, 5)))  # noqa: S301 (our own)
    cut = advance(settings, first.state, 12)
    assert same(whole.state.weights, cut.state.weights)
    assert whole.losses == first.losses + cut.losses
    assert not same(first.state.weights, advance(replace(settings, seed=2), None, 5).state.weights)


def test_a_turn_without_time_takes_one_step_and_nothing_is_lost():
    state, losses = None, []
    for step in range(1, 5):
        found = advance(SMALL, state, 50, seconds=0.0)
        state, losses = found.state, losses + found.losses
        assert state.step == len(losses) == step
    assert losses == advance(SMALL, None, 4).losses


def test_a_recorded_point_is_the_network_that_it_was():
    found = advance(SMALL, None, 50)
    assert [each.step for each in found.records] == list(SMALL.recorded)
    for each in found.records[::8]:
        again = record(SMALL, network_at(SMALL, each.weights).requires_grad_(), each.step)
        assert again.loss == each.loss
        assert again.score == each.score
        assert same(again.weights, each.weights)
    assert found.records[-1].loss < found.records[0].loss


def test_how_far_the_gradient_reaches_is_the_derivative_of_the_last_answer():
    settings = usual("recall")
    network, batch = fresh(settings), held_out(settings, 16)
    found = record(settings, network, 0).reach
    norms = []
    for row in range(16):
        x = network.input(batch.content[row : row + 1]).detach().requires_grad_()
        answer = network.read(x, torch.tensor([x.shape[1]]))["answer"]
        loss = torch.nn.functional.cross_entropy(answer, batch.target[row : row + 1])
        norms.append(torch.autograd.grad(loss, x)[0][0].norm(dim=1).flip(0))
    assert np.allclose(found, torch.stack(norms).mean(0), rtol=1e-4)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if Settings(cell=cell).gated])
def test_a_larger_bias_of_the_gate_that_keeps_makes_units_remember_longer(cell):
    lives = []
    for bias in ("-2", "0", "4"):
        settings = Settings(problem="recall", length=12, hidden=16, cell=cell, bias=bias)
        model = as_model(settings, record(settings, fresh(settings), 0), "lab")
        found = half_lives(model.trace(model.encode(model.task.examples[0].text)), Site("rnn"))
        assert found is not None
        lives.append(np.median(found))
    assert lives[0] < lives[1] < lives[2]


def test_weights_that_run_away_are_said_and_what_was_recorded_stays():
    settings = usual("adding", cell="rnn_relu", optimizer="sgd", rate="0.1", clip="0")
    begun = advance(settings, None, 3)
    huge = {name: values * 1e18 for name, values in begun.state.weights.items()}
    found = advance(settings, State(3, huge, begun.state.optimizer), 50)
    assert "with a learning rate of 0.1 the weights ran away" in found.trouble
    assert not found.records
    run = Run(settings)
    run.take(begun)
    run.take(found)
    assert run.done
    assert [each.step for each in run.records] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cell": "perceptron"}, "choose one of rnn"),
        ({"length": 1}, "Choose a sequence length from 3 to 100."),
        ({"hidden": 500}, "Choose a number of units from 8 to 128."),
        ({"steps": 10**9}, "Choose a number of steps from 50 to 5,000."),
        ({"rate": "7"}, "choose one of 0.1"),
        ({"cell": "multiplied_gru", "problem": "adding"}, "choose another cell, or a problem of symbols"),
        ({"cell": "attentive_gru", "length": LONGEST_ATTENDING + 1}, "at most 40, or another cell"),
        ({"attention": "multi_head", "hidden": 9}, "needs an even number of units"),
    ],
)
def test_settings_that_do_not_fit_are_answered_with_one_sentence(wrong, said):
    with pytest.raises(InputError, match=re.escape(said)) as found:
        Settings(**wrong)
    assert "\n" not in str(found.value)


def wait(run: Run, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while run.busy and time.monotonic() < end:
        time.sleep(0.02)
    assert not run.busy


def test_what_is_learned_in_a_process_of_its_own_is_what_is_learned_here():
    run = Run(SMALL)
    run.play(20)
    wait(run)
    assert run.step == 20
    run.play()
    wait(run)
    assert run.done
    here = advance(SMALL, None, SMALL.steps)
    assert same(run.records[-1].weights, here.records[-1].weights)
    assert run.losses == here.losses
    assert LAB.place(run) == 0


def test_a_process_that_ends_is_said_and_the_training_goes_on_where_it_was(monkeypatch):
    run = Run(replace(SMALL, seed=7))
    run.play(5)
    wait(run)
    monkeypatch.setattr(queue.Reader, "ask", lambda *given: None)
    run.play()
    wait(run)
    assert run.notice == queue.ENDED
    assert run.step == 5
    monkeypatch.undo()
    run.play()
    assert not run.notice
    wait(run)
    assert same(run.records[-1].weights, advance(run.settings, None, SMALL.steps).records[-1].weights)


def playing(count: int) -> list[Run]:
    """Trainings that all want to go on; each asked twice, which makes no difference."""
    runs = [Run(replace(SMALL, seed=seed)) for seed in range(1, count + 1)]
    for run in [*runs, *runs]:
        run.play()
    return runs


def test_those_that_come_later_wait_and_are_told_their_place_until_others_pause(monkeypatch):
    lab = queue.Lab()
    monkeypatch.setattr(queue.Lab, "_work", lambda self: None)
    monkeypatch.setattr(queue, "LAB", lab)
    runs = playing(queue.MOST_LEARNING + 2)
    assert [lab.place(run) for run in runs] == [0] * queue.MOST_LEARNING + [1, 2]
    runs[0].pause()
    assert [lab.place(run) for run in runs] == [0] * (queue.MOST_LEARNING + 1) + [1]
    runs.pop(1)
    assert lab.place(runs[-1]) == 0


def test_everybody_who_learns_gets_a_turn_and_the_others_wait(monkeypatch):
    lab = queue.Lab()
    monkeypatch.setattr(queue.Lab, "_work", lambda self: None)
    monkeypatch.setattr(queue, "LAB", lab)
    runs = playing(queue.MOST_LEARNING + 1)
    turns = [lab._next() for _ in range(2 * queue.MOST_LEARNING)]
    assert all(turns.count(run) == 2 for run in runs[:-1])
    assert runs[-1] not in turns


def test_a_training_ends_when_its_time_is_used_up_and_none_begins_where_memory_is_full(monkeypatch):
    run = Run(SMALL)
    found = advance(SMALL, None, 3)
    run.take(Progress(found.state, found.losses, found.records, queue.MOST_SECONDS + 1.0))
    assert run.done
    assert "the most that this server gives to one network" in run.trouble
    monkeypatch.setattr(queue, "MOST_BYTES", 1)
    other = Run(replace(SMALL, seed=9))
    other.play()
    assert other.notice == queue.FULL
    assert not other.busy
