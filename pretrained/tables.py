"""The tables of ``pretrained/README.md``, made from the recipes: ``python -m pretrained.tables`` writes them in place.

A block stands between ``<!-- name -->`` and ``<!-- /name -->``; all other text is left as it is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from pretrained.analysis.seeds import judge, seed_table
from pretrained.faithfulness.summary import describe_backgrounds
from pretrained.families.forecast.calibration import held_on_test
from pretrained.kinds.forecast import SeriesTask
from pretrained.kinds.translation import PairTask
from pretrained.recipe import FOLDER, Recipe
from pretrained.registry import recipes, task_of
from pretrained.task import Group
from pretrained.tasks.translation.digits import LONGEST, TRAINED

DOCUMENT = FOLDER / "README.md"
WIDTH = 120

Scores = Mapping[str, Any]


def main() -> None:
    """Write every block anew."""
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def filled(text: str) -> str:
    """``text`` with every block as the recipes have it.

    Raises:
        ValueError: if a block is missing, or stands there twice.
    """
    for name, write in BLOCKS.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{DOCUMENT.name}: expected <!-- {name} --> … <!-- /{name} --> once")
        before, rest = text.split(begin)
        text = f"{before}{begin}{write()}\n{end}{rest.split(end)[1]}"
    return text


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rows_of(group: Group, cells: Callable[[Recipe], Sequence[str]]) -> list[Sequence[str]]:
    """One row for each model of a group: title, key, ``cells``, number of parameters."""
    return [(r.title, f"`{key}`", *cells(r), f"{r.scores['parameters']:,}") for key, r in recipes(group).items()]


def share(scores: Scores, name: str = "accuracy") -> str:
    """A share of the test split with its interval."""
    low, high = scores.get(f"test_{name}_interval") or scores["test_interval"]
    return f"{scores[f'test_{name}']:.1%} [{low:.1%}, {high:.1%}]"


def seeds_of(recipe: Recipe) -> str:
    """Test accuracy of every seed that was trained."""
    return ", ".join(f"{accuracy:.1%}" for _, accuracy in sorted(recipe.seeds.items()))


def written(task: PairTask, scores: Scores) -> str:
    """The score of a translator on unseen sources, in the unit of its task."""
    if "test_bleu" in scores:
        low, high = scores["test_bleu_interval"]
        return f"{scores['test_bleu']:.1f} BLEU [{low:.1f}, {high:.1f}]"
    if "test_rouge_l" in scores:
        floors = (f"{task.floors[name].title} {found['rouge_l']:.1%}" for name, found in scores["test_floors"].items())
        return f"{share(scores, 'rouge_l')} ROUGE-L ({', '.join(floors)})"
    if "test_word_error_rate" in scores:
        low, high = scores["test_interval"]
        return f"{scores['test_word_error_rate']:.1f}% of words wrong [{1 - high:.1%}, {1 - low:.1%}]"
    if "test_exact_within_trained_lengths" in scores:
        within = f"{scores['test_exact_within_trained_lengths']:.1%} exact up to {TRAINED} digits"
        return f"{within}, {share(scores, 'exact')} up to {LONGEST}"
    return f"{share(scores, 'exact')} exact"


def labelled(scores: Scores) -> list[str]:
    """Labels right; of a tagger that marks slots also their F1, and the intent, alone and with all slots right."""
    names = ("f1", "class_accuracy", "whole_accuracy")
    return [share(scores), *(f"{scores[f'test_{name}']:.1%}" if "test_f1" in scores else "–" for name in names)]


def forecast(recipe: Recipe) -> list[str]:
    """Error of a forecaster with its interval, errors of three simple forecasts, and how often its interval held."""
    scores, measure = recipe.scores, cast(SeriesTask, task_of(recipe)).measure
    low, high = scores[f"test_{measure}_interval"]
    season = min(scores["test_seasonal"], scores["test_seasonal_moved"])
    simple = [f"{error:.4g}" for error in (scores["test_persistence"], season, scores["test_ridge"])]
    every = (held_on_test(scores, rolling=rolling) for rolling in (True, False))
    held = [f"{shares.min():.0%} to {shares.max():.0%}" for shares in every]
    held.insert(1, f"{scores['looked_back']} windows")
    return [f"{scores[f'test_{measure}']:.4g} [{low:.4g}, {high:.4g}]", *simple, *held]


def sentiment_table() -> str:
    """Classifiers of sentences."""
    columns = ("model", "key", "test accuracy", "every seed", "parameters")
    return table(columns, rows_of("sentiment", lambda r: (share(r.scores), seeds_of(r))))


def written_table() -> str:
    """Translators; also those that were trained without attention and are not shipped."""
    rows = rows_of("translate", lambda r: (written(cast(PairTask, task_of(r)), r.scores),))
    for recipe in recipes("translate").values():
        if bare := recipe.without_attention:
            title = f"{task_of(recipe).title}, no attention (not shipped)"
            rows.append((title, "–", written(cast(PairTask, task_of(recipe)), bare), f"{bare['parameters']:,}"))
    return table(("model", "key", "score on unseen sources", "parameters"), rows)


def read_table() -> str:
    """Language models."""

    def nats(recipe: Recipe) -> list[str]:
        low, high = recipe.scores["test_nats_interval"]
        return [f"{recipe.scores['test_nats']:.3f} [{low:.3f}, {high:.3f}]"]

    return table(("model", "key", "nats a character", "parameters"), rows_of("write", nats))


def labelled_table() -> str:
    """Taggers."""
    columns = ("labels right", "F1 of slots", "intent right", "slots and intent right")
    return table(("model", "key", *columns, "parameters"), rows_of("label", lambda r: labelled(r.scores)))


def recognised_table() -> str:
    """Recognisers."""
    columns = ("model", "key", "unseen sequences right", "parameters")
    rows = rows_of("recognise", lambda r: (f"{share(r.scores)} of {r.scores['test_count']:,}",))
    return table(columns, rows)


def answered_table() -> str:
    """Networks that answer questions, by the facts that one must know."""
    parts = ("one fact", "two facts", "three facts", "counting")
    rows = rows_of("answer", lambda r: [_part(r.scores, part) for part in parts])
    return table(("model", "key", *parts, "parameters"), rows)


def _part(scores: Mapping[str, Any], name: str) -> str:
    """Share right of one group of questions about unseen stories."""
    return share({f"test_{key}": value for key, value in scores[f"test_{name.replace(' ', '_')}"].items()})


def forecast_table() -> str:
    """Forecasters."""
    columns = (
        "error on unseen windows",
        "last value",
        "last season",
        "ridge",
        "inside the interval",
        "set by",
        "set once",
    )
    return table(("model", "key", *columns, "parameters"), rows_of("forecast", forecast))


def verdict() -> str:
    """What attention did to the accuracy of classifiers."""
    sentiment = [recipe for recipe in recipes("sentiment").values() if recipe.task == "sentiment"]
    return textwrap.fill(judge(seed_table(sentiment)).sentence, WIDTH)


def attention() -> str:
    """What attention is worth to the answers of classifiers."""
    return textwrap.fill(describe_backgrounds(), WIDTH)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "sentiment": sentiment_table,
    "verdict": verdict,
    "attention": attention,
    "written": written_table,
    "read": read_table,
    "labelled": labelled_table,
    "recognised": recognised_table,
    "answered": answered_table,
    "forecast": forecast_table,
}
"""Text of every block, by name."""

if __name__ == "__main__":
    main()
