"""Whether an input is like what a model learned from; where it is not, its answer is no evidence of anything.

A network answers whatever it is given, and often with great certainty. Five things are looked at, none of which asks
the network how sure it is:

* how many tokens it knows at all,
* in which script a text is written,
* for sounds and for letters of an alphabet, how far the input lies from those of training (below),
* for sounds, whether they are speech (``pretrained.speech``),
* for language models, how much the text surprises the network beside texts that were held back.

The distance is that of Mahalanobis, over d sums x of an input: the mean and deviation of every band and the length of
a sound, or the shares of letters and of pairs of letters:

    D(x)² = (x - m)ᵀ C⁻¹ (x - m) / d,   C = (1 - λ) cov + λ diag(cov)

Its limit is the 98% point of what training inputs have when m and C are of the other ones; where inputs have groups,
such as speakers, of the other groups, so that a new voice is nothing strange. Source: Mahalanobis 1936; Lee et al.
2018, NeurIPS, arXiv 1807.03888 (for networks). ``python -m pretrained.evidence TASK FOLDER`` measures it anew.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from core_models.heads.next_token import NEXT
from core_models.inputs.numbers import FRAMES
from core_models.language import Number, mark, say, together
from core_models.trace import Tokens, Trace
from pretrained import speech
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.looks_like import elsewhere
from pretrained.shipped import is_listed, read, record, understood

MOST_UNKNOWN, MOST_UNKNOWN_OF_CLASSES, FEWEST = 0.5, 0.45, 2
"""Share of words, or letters, that may be unknown, also where the whole gets a class, and the fewest unknown ones of
which it is said. Of a thousand held-back film reviews two have more, and of sentences whose words are labelled six to
thirteen; of sentences in another language nearly all."""

MOST_FOREIGN = 0.5
"""Share of the letters of a text that may be of a script that the task's own examples never have."""

LEAST_KNOWN, MANY = 2, 5
"""Where only words are labelled, and there are fewer than so many, a word is known by its spelling too: where so many
of its columns are known, of which its shape always is. A sentence is often two names."""

SHRINK, QUANTILE, FOLDS = 0.3, 0.98, 5
SHORTEST = 20
"""Characters below which nothing is said of how surprising a text is."""


@dataclass(frozen=True)
class Familiar:
    """What inputs of training are like; ``mean`` ``[d]``, ``precision`` ``[d, d]`` and ``limit`` as above.

    Attributes:
        count, flagged: of inputs that were held back, how many there are and how many are doubted.
        speech: middle and scale ``[2, d]`` of the sums of sounds, by which speech is told; empty for others.
        weights: with which those sums and their squares are multiplied, ``[2 d + 1]``.
        least: sum that speech has.
    """

    mean: NDArray[np.floating]
    precision: NDArray[np.floating]
    limit: float
    count: int = 0
    flagged: int = 0
    speech: NDArray[np.floating] = field(default_factory=lambda: np.zeros((2, 0)))
    weights: NDArray[np.floating] = field(default_factory=lambda: np.zeros(1))
    least: float = -np.inf

    def distance(self, sums: NDArray[np.floating]) -> NDArray[np.floating]:
        """How far inputs ``[..., d]`` lie from those of training."""
        off = sums - self.mean
        return np.sqrt(np.einsum("...i,ij,...j->...", off, self.precision, off) / len(self.mean))

    def like_speech(self, sums: NDArray[np.floating]) -> NDArray[np.floating]:
        """How much sounds ``[..., d]`` are like speech, beside other sounds."""
        return speech.squared(sums, *self.speech) @ self.weights


def doubt_about(model: Any, trace: Trace, read: Tokens | None = None) -> str:
    """Why the answer in a trace is no evidence, in one sentence; "" where nothing speaks against it.

    Args:
        model: the model.
        trace: what it made of its input.
        read: the input, where the trace is of what was written.
    """
    task = model.task
    if not task.data:  # nobody knows what it learned from
        return ""
    values = trace.array(FRAMES, "frame") if task.medium == "sound" else None
    found = doubt(task, read or trace.tokens, values)
    if found or task.kind != "next_token":
        return found
    chances = trace.array(NEXT, "chosen_probability")[1:]
    return surprising(model, float(-np.log(np.maximum(chances, 1e-30)).mean()) if len(chances) else 0.0, len(chances))


def doubt(task: Any, tokens: Tokens, values: NDArray[np.floating] | None = None) -> str:
    """The same of what is read, whatever the network makes of it.

    Args:
        task: what reads it.
        tokens: as they are read.
        values: ``[step, channel]`` of a sound.
    """
    return (
        _of_another(task, tokens.text)
        or _foreign(task, tokens.text)
        or _unknown(task, tokens)
        or _far(task, tokens, values)
    )


def surprising(model: Any, nats: float, count: int) -> str:
    """The same of a text of ``count`` characters that surprised a language model by ``nats`` a character."""
    limit = model.recipe.scores["test_nats"] + model.task.spread / sqrt(max(count, 1))
    if count < SHORTEST or nats <= limit:
        return ""
    return _so(model.task, say(
        "This text surprises the model far more than what it learned from ({nats:.1f} nats a character, where 99 of "
        "100 such texts of this length stay below {limit:.1f})", nats=nats, limit=limit,
    ))  # fmt: skip


FOLLOWS = {
    "labels": mark("{why}, so its labels mean nothing."),
    "next_token": mark("{why}, so what it expects means nothing."),
    "translation": mark("{why}, so what it writes means nothing."),
}
"""What follows for the answer, by what a network gives."""


def _so(task: Any, why: str) -> str:
    """Why an answer is no evidence, and what follows."""
    return say(FOLLOWS.get(task.kind, mark("{why}, so there is no answer.")), why=why)


def _of_another(task: Any, text: str) -> str:
    """Whether a text looks like letters of DNA or of a protein that the task is not about."""
    if task.medium not in ("text", "letters"):
        return ""
    found = elsewhere(task, text)
    return together(found, _so(task, say("This one never learned such letters"))) if found else ""


def _foreign(task: Any, text: str) -> str:
    if task.medium != "text":
        return ""
    found = scripts(text)
    own = _scripts_of("".join(example.text for example in task.examples))
    foreign = Counter({script: count for script, count in found.items() if script not in own})
    if foreign.total() <= MOST_FOREIGN * found.total():
        return ""
    name = foreign.most_common(1)[0][0]
    script = say(SCRIPTS[name]) if name in SCRIPTS else name.title()
    doubt = _so(task, say("This is written in {script}, which this model never learned", script=script))
    return together(doubt, say(READERS[name])) if name in READERS else doubt


SCRIPTS = {
    "CJK": mark("Chinese characters"), "HIRAGANA": mark("Japanese"), "KATAKANA": mark("Japanese"),
    "HANGUL": mark("Korean"), "LATIN": mark("Latin letters"), "CYRILLIC": mark("Cyrillic"), "GREEK": mark("Greek"),
    "ARABIC": mark("Arabic"), "HEBREW": mark("Hebrew"), "THAI": mark("Thai"), "DEVANAGARI": mark("Devanagari"),
}  # fmt: skip
READERS = {"CJK": mark("The models of Chinese dialogues (Label) and of Tang poems (Write) read Chinese characters.")}
"""Which models read a script that others never learned."""


def scripts(text: str) -> Counter[str]:
    """How many letters of every script a text has, by the first word of their names in Unicode."""
    return Counter(_script(sign) for sign in text if sign.isalpha())


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]


@cache
def _scripts_of(text: str) -> frozenset[str]:
    return frozenset(scripts(text))


def _unknown(task: Any, tokens: Tokens) -> str:
    """Whether most tokens, but for marks such as a comma, are unknown."""
    if task.medium not in ("text", "letters") or not tokens.known:
        return ""
    every = range(len(tokens) - (task.kind == "translation"))  # behind a source stands its end
    looked = [at for at in every if any(map(str.isalnum, tokens.labels[at]))] or list(every)
    spelt = not task.classes and len(looked) < MANY if task.kind == "labels" else False
    unknown, noun = sum(not _is_known(task, tokens, at, spelt) for at in looked), _noun(task)
    most = MOST_UNKNOWN_OF_CLASSES if task.kind == "classes" else MOST_UNKNOWN
    if unknown < len(looked) and (unknown < FEWEST or unknown <= most * len(looked)):
        return ""
    one, none, some = (text[task.medium == "letters"] for text in UNKNOWN)
    if len(looked) == 1:
        return _so(task, say(one, noun=say(noun)))
    if unknown == len(looked):
        return _so(task, say(none, noun=say(noun)))
    return _so(task, say(some, n=unknown, count=len(looked), noun=say(noun)))


UNKNOWN = (
    (mark("This {noun} is not known to this model"), mark("This {noun} is not known to this model for certain")),
    (mark("None of these {noun}s is known to this model"),
     mark("None of these {noun}s is known to this model for certain")),
    (mark("{n} of these {count} {noun}s are not known to this model"),
     mark("{n} of these {count} {noun}s are not known to this model for certain")),
)  # fmt: skip
"""What is said of one token, of all and of some that are unknown; of letters, which can be doubtful, apart."""


def _is_known(task: Any, tokens: Tokens, at: int, spelt: bool) -> bool:
    """Whether a token is known; ``spelt``: or else its spelling."""
    if task.medium == "letters" and tokens.labels[at] in task.doubtful:
        return False
    if spelt and tokens.ids and isinstance(row := tokens.ids[at], tuple):
        return tokens.known[at] or sum(index != UNKNOWN_ID for index in row) >= LEAST_KNOWN
    return tokens.known[at]


def _noun(task: Any) -> str:
    """What a token of a text is."""
    if task.medium == "letters":
        return mark("letter")
    if task.kind == "translation":
        return mark("token")
    alone = task.kind == "next_token" or len(getattr(task, "columns", ())) == 1
    return mark("character") if alone else mark("word")


def _far(task: Any, tokens: Tokens, values: NDArray[np.floating] | None) -> str:
    path = file_of(task)
    if not is_listed(path):
        return ""
    known = familiar(path)
    distance = float(known.distance(sums_of(task, tokens.ids if values is None else values)))
    if distance <= known.limit:
        return _no_speech(task, known, values) if values is not None else ""
    text = mark(
        "These letters are unlike anything the model learned from (distance {distance:.1f}, where {share:.0%} of new "
        "sequences stay below {limit:.1f})"
    ) if values is None else mark(
        "This sound is unlike anything the model learned from (distance {distance:.1f}, where {share:.0%} of new "
        "voices stay below {limit:.1f})"
    )  # fmt: skip
    return _so(task, say(text, distance=distance, share=QUANTILE, limit=known.limit))


def _no_speech(task: Any, known: Familiar, values: NDArray[np.floating]) -> str:
    score = float(known.like_speech(speech.sums_of(values)))
    if score >= known.least:
        return ""
    score, least = (f"{Number(value):.1f}" for value in (score, known.least))
    return _so(task, say(
        "This does not sound like speech ({score}, where {share:.0%} of new voices lie above {least})", score=score,
        share=QUANTILE, least=least,
    ))  # fmt: skip


def sums_of(task: Any, content: Any) -> NDArray[np.float64]:
    """The sums ``[d]`` of ids ``[step]`` or frames ``[step, channel]`` by which a distance is taken: see above."""
    content = np.asarray(content)
    if task.medium == "sound":
        return np.array([*content.mean(axis=0), *content.std(axis=0), log(len(content))])
    letters, places = task.vocabulary - UNKNOWN_ID - 1, content - UNKNOWN_ID - 1
    both = (places[:-1] >= 0) & (places[1:] >= 0)
    pairs = np.bincount(places[:-1][both] * letters + places[1:][both], minlength=letters**2)
    single = np.bincount(places[places >= 0], minlength=letters)
    return np.concatenate([single / max(1, single.sum()), pairs / max(1, pairs.sum())])


def file_of(task: Any) -> Path:
    """Where it is written what inputs of a task are like."""
    return Path(__file__).parent / "tasks" / task.kind / f"{task.key.replace('-', '_')}.familiar.safetensors"


@cache
def familiar(path: Path) -> Familiar:
    """What inputs of a task are like, from its file.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    with understood(path, Exception):  # the library has no class of its own for what it cannot read
        held = load(read(path))
        limit, count, flagged, *least = (float(number) for number in held["numbers"])
        known = Familiar(held["mean"], held["precision"], limit, int(count), int(flagged))
        return replace(known, speech=held["speech"], weights=held["weights"], least=least[0]) if least else known


def measure(task: Any, folder: Path) -> Familiar:
    """What inputs of a task of classes are like, from its data, and how many of those of dev and test are flagged."""
    rows = task.samples(folder, "train")
    sums = np.array([sums_of(task, task.convert(row.content)) for row in rows])
    names = [row.group for row in rows]
    several = 1 < len(set(names)) < len(names) / FOLDS
    groups = np.unique(names, return_inverse=True)[1] if several else np.arange(len(rows)) % FOLDS
    apart = [_fit(sums[groups != group]).distance(sums[groups == group]) for group in set(groups.tolist())]
    known = replace(_fit(sums), limit=float(np.quantile(np.concatenate(apart), QUANTILE)))
    unseen = [task.convert(row.content) for split in ("dev", "test") for row in task.samples(folder, split)]
    flagged = known.distance(np.array([sums_of(task, content) for content in unseen])) > known.limit
    if task.medium == "sound":
        known = _with_speech(known, task, rows, groups)
        flagged |= known.like_speech(np.array([speech.sums_of(content) for content in unseen])) < known.least
    return replace(known, count=len(unseen), flagged=int(flagged.sum()))


def _with_speech(known: Familiar, task: Any, rows: list[Any], groups: NDArray[np.integer]) -> Familiar:
    """The same with what tells speech: learned from recordings, as they are and varied, and from made-up sounds."""
    draw = np.random.default_rng(0)
    plain = np.array([speech.sums_of(task.convert(row.content)) for row in rows])
    varied = np.array([speech.sums_of(task.vary(row.content, draw)) for row in rows])
    scale = np.array([plain.mean(axis=0), plain.std(axis=0)])
    others, ours = speech.squared(speech.made_up(draw), *scale), speech.squared(plain, *scale)
    theirs = speech.squared(varied, *scale)

    def learn(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        return speech.fit(np.concatenate([ours[kept], theirs[kept]]), others)

    apart = [ours[groups == group] @ learn(groups != group) for group in set(groups.tolist())]
    least = float(np.quantile(np.concatenate(apart), 1.0 - QUANTILE))
    return replace(known, speech=scale, weights=learn(np.ones(len(ours), dtype=bool)), least=least)


def _fit(sums: NDArray[np.floating]) -> Familiar:
    spread = np.cov(sums.T)
    own = np.diag(np.diag(spread))
    return Familiar(sums.mean(axis=0), np.linalg.pinv((1.0 - SHRINK) * spread + SHRINK * own), np.inf)


def main() -> None:
    """Command line."""
    from pretrained.tasks import TASKS

    task = next(task for task in TASKS if task.key == sys.argv[1])
    found, path = measure(task, Path(sys.argv[2])), file_of(task)
    sound = task.medium == "sound"
    told = [found.limit, found.count, found.flagged, *[found.least] * sound]
    tensors = {"mean": found.mean, "precision": found.precision}
    tensors |= {"speech": found.speech, "weights": found.weights} if sound else {}
    path.write_bytes(
        save(
            {key: value.astype(np.float32) for key, value in tensors.items()}
            | {"numbers": np.array(told, dtype=np.float32)}
        )
    )
    record(path)
    sys.stdout.write(f"{path.name}: {found.flagged} of {found.count} held-back inputs lie beyond {found.limit:.3f}\n")


if __name__ == "__main__":
    main()
