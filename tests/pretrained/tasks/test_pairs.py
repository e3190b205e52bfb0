"""Tasks that turn one sequence into another: what is read, what is learned from, what is claimed by which model."""

import dataclasses
import gzip
import hashlib
import itertools
from typing import Any

import pytest
import torch

from core_models.edits.edit import PoolAttention
from core_models.networks.decoding import Search
from core_models.networks.translation import ATTENTION, DECODER, OUTPUT
from core_models.networks.translator import BEGIN, END, PADDING, UNKNOWN
from core_models.vocabulary import Kind
from pretrained.analysis.measures import bleu, by_length, exact
from pretrained.data.intervals import wilson_interval
from pretrained.data.side import SPECIAL, Side, train_pieces
from pretrained.data.text.pairs import Pair, grouped, rows_of
from pretrained.families.translation.corpus import PairCorpus
from pretrained.kinds.translation import PairTask
from pretrained.recipe import Recipe, Training
from pretrained.registry import load, recipes
from pretrained.task import DataError, InputError
from pretrained.tasks import TASKS
from pretrained.tasks.translation.dates import COUNTS, DATES, FORMATS, numeral, ordinal
from pretrained.tasks.translation.digits import DIGITS, LONGEST, TRAINED
from pretrained.tasks.translation.sounds import distance
from pretrained.tasks.translation.sounds import measure as measure_sounds
from pretrained.training.loop import Trainer
from pretrained.training.smoothed_loss import smoothed_loss

CPU = torch.device("cpu")
KEYS = list(recipes("translate"))
PAIR_TASKS = [task for task in TASKS if isinstance(task, PairTask)]
GENERATED = {task.key for task in PAIR_TASKS if not task.files}
EXAMPLES = [(task, example) for task in PAIR_TASKS for example in task.examples]

models = pytest.mark.parametrize("key", KEYS)
tasks = pytest.mark.parametrize("task", PAIR_TASKS, ids=lambda task: task.key)


@models
def test_every_model_answers_every_example(key):
    model = load(key, CPU)
    for example in model.task.examples:
        reading = model.task.encode(example.text)
        answer = model.answer(reading)
        assert answer.found.best.ended, example.text
        assert answer.text == model.task.spell(example.text, answer.translation.target)
        trace = answer.translation.trace
        assert trace.model == key
        assert trace.sources == reading.tokens
        assert len(trace) == len(answer.translation.target) == len(answer.translation.steps)
        assert (model.network.attention is None) == (not trace.find(Kind.WEIGHT))
    assert not model.network.training
    assert all(not parameter.requires_grad for parameter in model.network.parameters())


@models
def test_every_recipe_says_what_was_measured(key):
    recipe, network = recipes("translate")[key], load(key, CPU).network
    assert recipe.scores["parameters"] == sum(parameter.numel() for parameter in network.parameters())
    assert recipe.weights["bytes"] == recipe.weights_path.stat().st_size
    assert recipe.weights["sha256"] == hashlib.sha256(recipe.weights_path.read_bytes()).hexdigest()
    if "test_exact" in recipe.scores:
        interval = wilson_interval(recipe.scores["test_exact"], recipe.scores["test_count"])
        assert recipe.scores["test_interval"] == pytest.approx(interval, abs=1e-4)
    if "test_bleu" in recipe.scores:
        assert "version:" in recipe.scores["test_bleu_signature"]
        assert recipe.scores["test_bleu_by_length"]


@pytest.mark.parametrize("key", [key for key in KEYS if recipes("translate")[key].task in GENERATED])
def test_generated_data_gives_the_claimed_score_anew(key, tmp_path):
    model = load(key, CPU)
    pairs = model.task.pairs(tmp_path, "test")[::20]
    outputs = PairCorpus(model.task, tmp_path).outputs(model.network, pairs)
    right = exact(outputs, pairs)["exact"]
    assert right == pytest.approx(model.recipe.scores["test_exact"], abs=0.04)


@models
def test_a_candidate_can_be_chosen_in_place_of_the_best(key):
    model = load(key, CPU)
    reading = model.task.encode(model.task.examples[0].text)
    first = model.answer(reading, Search()).translation
    other = next(c.token for c in first.steps[1].candidates if c.token not in (first.target[1], PADDING, BEGIN, END))
    chosen = model.answer(reading, Search(), prefix=[first.target[0], other]).translation
    assert chosen.target[:2] == (first.target[0], other)
    assert chosen.steps[0] == first.steps[0]
    assert chosen.steps[1].rank > 1


@pytest.mark.parametrize("key", [key for key in KEYS if recipes("translate")[key].architecture.get("attention")])
def test_forced_attention_changes_what_is_written_and_not_the_model(key):
    model = load(key, CPU)
    reading = model.task.encode(model.task.examples[0].text)
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    plain = model.answer(reading, Search()).translation
    away = int(plain.trace.array(ATTENTION, "attention_weights")[0, 0].argmin())
    stack = [PoolAttention("one", position=away, steps=(0,))]
    changed = model.answer(reading, Search(), stack=stack).translation
    assert changed.trace.array(ATTENTION, "attention_weights")[0, 0, away] == 1.0
    assert changed.steps[0].chosen.probability != plain.steps[0].chosen.probability
    assert all(torch.equal(value, before[name]) for name, value in model.network.state_dict().items())
    assert model.answer(reading, Search()).translation.target == plain.target


def test_forcing_attention_reads_another_digit():
    model = load("digits-attention", CPU)
    reading = model.task.encode("reverse 271828")
    stack = [PoolAttention("one", position=1, steps=(2,))]
    assert model.answer(reading).text == "828172"
    assert model.answer(reading, stack=stack).text[2] == "2"


def test_teacher_forcing_says_where_the_network_would_have_parted():
    model = load("dates-attention", CPU)
    reading = model.task.encode("3 August 1998")
    forced = model.force(reading, "1998-07-03")
    assert forced.parting == 6
    assert model.task.target.text(forced.free.target) == "1998-08-03"
    assert forced.reference.steps[6].rank > 1
    assert model.force(reading, "1998-08-03").parting is None
    with pytest.raises(InputError, match="at most 15 tokens; this has none"):
        model.force(reading, " ")
    with pytest.raises(InputError, match="at most 15 tokens; this has 16"):
        model.force(reading, "1" * 16)


@pytest.mark.parametrize(("task", "example"), EXAMPLES, ids=[f"{t.key}-{e.title}" for t, e in EXAMPLES])
def test_every_example_is_read_whole(task, example):
    reading = task.encode(example.text)
    assert not reading.notices or example.title == "No such day"
    assert reading.ids[-1] == END
    assert all(reading.tokens.known)


@tasks
@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_text_is_refused_with_what_to_type(task, text):
    with pytest.raises(InputError, match=r"There is nothing to read yet: type "):
        task.encode(text)


@tasks
@pytest.mark.parametrize("text", ["ünïcode 漢字 👩‍👩‍👧", "cafe\u0301", "شكرا", "a\x00b\tc", "copy 12 copy"])
def test_every_token_keeps_its_place_in_any_text(task, text):
    tokens = task.encode(text).tokens
    assert [text[start:end] or "▁" for start, end in tokens.spans[:-1]] == list(tokens.labels[:-1])
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(tokens.spans))
    assert tokens.labels[-1] == SPECIAL[END]


@tasks
def test_a_text_beyond_the_limit_is_cut_with_a_notice(task):
    reading = task.encode("12 " * 300)
    assert len(reading.ids) == len(reading.tokens) == task.limit
    assert reading.ids[-1] == END
    assert any(notice.startswith(f"Only the first {task.limit - 1} of") for notice in reading.notices)
    assert "characters" in task.encode("1" * 100_000).notices[0]


@tasks
def test_the_four_special_tokens_have_the_ids_that_the_network_knows(task):
    for side in (task.source, task.target):
        assert [side.name(index) for index in (PADDING, UNKNOWN, BEGIN, END)] == list(SPECIAL)


def test_pieces_give_the_text_back_and_never_cross_a_clitic():
    pieces = train_pieces(["I don't know", "l'eau n'est pas là ?", "don't"] * 3, "fr", 60)
    side = Side()
    side.__dict__["tokenizer"] = pieces
    assert side.text(side.ids("L'eau n'est pas là ?")) == "l'eau n'est pas là ?"
    names = [side.name(index) for index in side.ids("l'eau")]
    assert names[0].endswith("'")


def test_digits_are_what_they_say_and_dev_and_test_go_beyond_training(tmp_path):
    for split in ("train", "dev", "test"):
        for pair in DIGITS.pairs(tmp_path, split)[:500]:
            command, digits = pair.source.split()
            assert pair.references == ((digits[::-1] if command == "reverse" else digits),)
    assert max(len(pair.references[0]) for pair in DIGITS.pairs(tmp_path, "train")) == TRAINED
    assert max(len(pair.references[0]) for pair in DIGITS.pairs(tmp_path, "test")) == LONGEST == 2 * TRAINED


def test_no_date_stands_in_two_splits(tmp_path):
    days = {split: {pair.references[0] for pair in DATES.pairs(tmp_path, split)} for split in COUNTS}
    assert {split: len(found) for split, found in days.items()} == COUNTS
    assert not days["train"] & days["dev"]
    assert not (days["train"] | days["dev"]) & days["test"]


def test_dates_are_written_in_twelve_ways_without_ambiguity():
    from datetime import date

    day = date(2023, 8, 21)
    assert {write(day) for write in FORMATS} >= {
        "21 August 2023", "8/21/2023", "Monday, 21 August 2023", "21st of August 2023", "二〇二三年八月二十一日",
    }  # fmt: skip
    assert len(FORMATS) == 12
    assert all("/" not in write(date(2023, 8, 5)) or write(date(2023, 8, 5)) == "2023/08/05" for write in FORMATS)
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 31)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "31st",
    ]  # fmt: skip
    assert [numeral(n) for n in (1, 10, 11, 20, 31)] == ["一", "十", "十一", "二十", "三十一"]


def test_exact_outputs_are_counted_whole_and_by_length():
    pairs = [Pair("ab", ("x", "y")), Pair("c", ("z",)), Pair("d", ("w",)), Pair("ee", ("v",))]
    assert exact(["y", "z", "-", "v"], pairs)["exact"] == 0.75
    found = by_length(["y", "z", "-", "v"], pairs, len)
    assert found["exact_by_length"] == {"1": 0.5, "2": 1.0}
    assert found["exact_by_length_count"] == {"1": 2, "2": 2}
    assert found["exact_by_length_interval"]["1"] == pytest.approx(wilson_interval(0.5, 2), abs=1e-4)


def test_sounds_are_scored_by_the_nearest_pronunciation():
    pairs = [Pair("tomato", ("t ah m ey t ow", "t ah m aa t ow")), Pair("a", ("ah",))]
    found = measure_sounds(["t ah m aa t", "ah"], pairs)
    assert (found["exact"], found["word_error_rate"]) == (0.5, 50.0)
    assert found["phoneme_error_rate"] == pytest.approx(100 / 7, abs=0.01)
    assert [distance(*words) for words in (("abc", "abc"), ("abc", ""), ("kitten", "sitting"))] == [0, 3, 3]


def test_bleu_takes_all_references_and_ignores_case():
    pairs = [
        Pair("one two three four", ("Le chat dort sur le lit.", "Le chat est au lit.")),
        Pair("b", ("C'est l'eau.",)),
    ]
    found = bleu(["le chat dort sur le lit.", "c'est l'eau."], pairs)
    assert found["bleu"] == found["bleu_split"] == 100.0
    assert "case:lc" in found["bleu_signature"]
    worse = bleu(["le chat dort sous le lit.", "c'est l'eau."], pairs)
    assert worse["bleu"] < 100.0
    assert list(worse["bleu_by_length"]) == ["1-3", "4-6"]
    assert worse["bleu_split"] != worse["bleu"]


def test_references_of_one_source_stand_together(tmp_path):
    path = tmp_path / "x.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("en\tfr\na\tb\nc\td\na\te\n")
    assert grouped([(a, b) for a, b in rows_of(path)]) == [Pair("a", ("b", "e")), Pair("c", ("d",))]


def test_missing_or_other_data_is_refused_with_what_to_do(tmp_path):
    task = dataclasses.replace(DIGITS, files={"x/train.tsv.gz": "0" * 64})
    with pytest.raises(DataError, match=r"expected x/train.tsv.gz in .*, got nothing; the task names its source"):
        PairCorpus(task, tmp_path).verify()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/train.tsv.gz").write_bytes(b"other")
    with pytest.raises(DataError, match=r"with sha256 000000000000…, got another file"):
        PairCorpus(task, tmp_path).verify()


def small(**settings: Any) -> tuple[Recipe, PairTask]:
    shipped = recipes("translate")["digits-attention"]
    usual: dict[str, Any] = {"seed": 1, "epochs": 3, "batch": 16, "learning_rate": 0.01, "warmup": 4, "dropout": 0.1,
                             "word_dropout": 0.0, "average": 0.8}  # fmt: skip
    training = Training(**usual | settings)
    architecture = {**shipped.architecture, "hidden": 32}
    short = [Pair(f"copy {a}{b}", (f"{a}{b}",)) for a in range(10) for b in range(10)]
    task = dataclasses.replace(DIGITS, pairs=lambda folder, split: short)
    return dataclasses.replace(shipped, architecture=architecture, training=training), task


@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1, "half": True}, {"word_dropout": 0.2}])
def test_training_learns_to_copy(settings, tmp_path):
    recipe, task = small(**settings)
    run = Trainer(recipe, task, PairCorpus(task, tmp_path), CPU)
    before = run.corpus.evaluate(run.averaged(), "dev")
    while run.epoch < 3:
        run.run_epoch()
    assert run.history[-1]["dev loss"] < before.loss - 0.5
    assert run.history[-1]["training loss"] < run.history[0]["training loss"]


def test_every_pair_is_learned_from_once_an_epoch(tmp_path):
    task = dataclasses.replace(
        DIGITS, pairs=lambda folder, split: [Pair("copy 1", ("1", "2")), Pair("copy 123", ("123",))]
    )
    corpus = PairCorpus(task, tmp_path)
    batches = list(corpus.training_batches(2, torch.Generator().manual_seed(0)))
    assert len(batches) == corpus.training_count(2) == 2
    rows = sorted(tuple(row) for batch in batches for row in batch.targets.tolist())
    assert all(row[0] == BEGIN and END in row for row in rows)
    assert sum(len(batch.lengths) for batch in batches) == 3


@models
def test_the_trace_of_a_trained_network_is_drawn_by_every_view_that_suits_it(key):
    from viz.figures import VIEWS
    from viz.view import Options

    model = load(key, CPU)
    trace = model.answer(model.task.encode(model.task.examples[0].text)).translation.trace
    drawn = set()
    for view in VIEWS:
        for target in view.targets(trace):
            view.draw(trace, target, Options(step=1, unit=2))
            assert view.how_to_read(trace, target, Options())
            assert len(view.numbers(trace, target))
            drawn.add((view.key, target.site.module))
    assert {("heatmap", "encoder"), ("heatmap", "decoder"), ("unit_lines", "decoder")} <= drawn
    assert (("attention_heatmap", "attention") in drawn) == (model.network.attention is not None)
    assert ("prediction", "output") not in drawn


def test_a_figure_of_cross_attention_has_the_source_on_one_axis_and_the_target_on_the_other():
    from viz.figures.trace.attention_bars import VIEW as BARS
    from viz.figures.trace.attention_heatmap import VIEW as HEATMAP
    from viz.figures.trace.heatmap import VIEW as UNITS
    from viz.view import Options, Target

    model = load("digits-attention", CPU)
    trace = model.answer(model.task.encode("reverse 123456789")).translation.trace
    target = Target(ATTENTION, "attention_weights")
    drawn: Any = HEATMAP.draw(trace, target, Options(step=2))
    layout = drawn.to_dict()["layout"]
    ticks = {entry["axis"]: entry["labels"] for entry in layout["meta"]["ticks"]}
    assert ticks["x"] == ["reverse", *"123456789", "[END]"]
    assert ticks["y"] == [*"987654321", "[END]"]
    assert layout["xaxis"]["range"] == [-0.5, 10.5]
    assert layout["yaxis"]["range"] == [9.5, -0.5]
    bars: Any = BARS.draw(trace, target, Options(step=2))
    assert len(bars.data[0].x) == 11
    table = HEATMAP.numbers(trace, target)
    assert table.iloc[table["weights"].argmax()]["query_token"] == table.iloc[table["weights"].argmax()]["key_token"]
    gates: Any = UNITS.draw(trace, Target(DECODER, "update_gate"), Options())
    assert gates.to_dict()["layout"]["meta"]["ticks"][0]["labels"] == [*"987654321", "[END]"]
    assert trace.tokens_of(OUTPUT).labels == (*"987654321", "[END]")


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_smoothed_loss_is_torchs_with_its_gradient(smoothing):
    torch.manual_seed(0)
    logits, wanted = (3.0 * torch.randn(7, 50)).requires_grad_(), torch.randint(0, 50, (7,))
    ours = smoothed_loss(logits, wanted, smoothing)
    (gradient,) = torch.autograd.grad(2.0 * ours, logits)
    theirs = torch.nn.functional.cross_entropy(logits, wanted, label_smoothing=smoothing)
    (expected,) = torch.autograd.grad(2.0 * theirs, logits)
    assert torch.allclose(ours, theirs, atol=1e-6)
    assert torch.allclose(gradient, expected, atol=1e-7)
