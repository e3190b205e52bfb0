"""Edits as text for the address bar, and back; what does not fit is refused with a sentence.

    hold:rnn-0-forward:reset_gate:0:all:all      gate, value, units, tokens
    zero:rnn-0-forward:3,7:all                   likewise freeze
    shuffle:rnn-0-forward:all:5:1                units, tokens, seed
    paste:rnn-0-forward:5:0:all:boring           token, token of the other text, units, the other text
    delete:3   replace:3:dull   unknown:3   blank:3
    set:3-7:0:mean                               steps, channels, a number or each channel's mean
    attend:uniform   attend:one:3   attend:permuted:1   attend:drawn:0,50,50
    attend:one:3:5                               the same at one step that looks; attend:uniform::5 likewise
    compare:dot:2                                a decoder's score (own for its own) and temperature
    begin:5,88                                   ids that a target begins with
    token:3:45                                   as replace, by the id of what cannot be typed

Steps, units and channels are counted from 0, as everywhere in addresses; runs of them may be written 3-7. Words are
quoted as in any URL. Several edits stand in order with semicolons between them; one that is switched off has ``off:``
in front.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, unquote

from core_models.edits.edit import (
    STATE_CHANGES,
    Begin,
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Rescore,
    SetValue,
    Some,
    Transplant,
)
from core_models.edits.limits import Limits, check
from core_models.edits.run import limits_of
from core_models.language import say
from core_models.networks.translator import END, UNKNOWN
from pretrained.registry import parse_site
from pretrained.task import InputError
from viz.run import ModelRun

ALL, MEAN, OWN = "all", "mean", "own"
LONGEST_TEXT = 300
"""Characters of a text whose state is pasted, and of a word that is put in."""

_NUMBER, _VALUE = re.compile(r"\d{1,5}"), re.compile(r"-?\d{1,3}(\.\d{1,15})?(e-\d{1,2})?")
_RUN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def write_edit(edit: Edit) -> str:
    """The edit as text."""
    match edit:
        case HoldGate():
            return f"hold:{edit.site.key}:{edit.gate}:{edit.value:.9g}:{_some(edit.units)}:{_some(edit.steps)}"
        case ChangeState():
            seed = f":{edit.seed}" if edit.how == "shuffle" else ""
            return f"{edit.how}:{edit.site.key}:{_some(edit.units)}:{_some(edit.steps)}{seed}"
        case Transplant():
            text = quote(edit.text, safe="")
            return f"paste:{edit.site.key}:{edit.step}:{edit.donor_step}:{_some(edit.units)}:{text}"
        case DeleteToken():
            return f"delete:{edit.step}"
        case ReplaceToken():
            if not edit.typed:
                return f"token:{edit.step}:{edit.token}"
            return f"replace:{edit.step}:{quote(edit.word, safe='')}"
        case MaskToken():
            return f"{'blank' if edit.unknown is None else 'unknown'}:{edit.step}"
        case SetValue():
            value = MEAN if edit.value is None else f"{edit.value:.9g}"
            return f"set:{_some(edit.steps)}:{_some(edit.channels)}:{value}"
        case PoolAttention():
            detail = {
                "uniform": "", "one": f"{edit.position}", "permuted": f"{edit.seed}",
                "drawn": ",".join(f"{weight:g}" for weight in edit.weights),
            }  # fmt: skip
            steps = "" if edit.steps is None else f":{_some(edit.steps)}"
            return f"attend:{edit.how}:{detail[edit.how]}{steps}".removesuffix(":")
        case Rescore():
            return f"compare:{edit.score or OWN}:{edit.temperature:.9g}"
        case Begin():
            return f"begin:{','.join(map(str, edit.tokens))}"


def limits(asked: ModelRun) -> Limits:
    """What an edit must fit on this page."""
    return limits_of(asked.model.network, len(asked.encoded), getattr(asked.model.task, "longest", 0))


def read_edit(text: str, asked: ModelRun) -> Edit:
    """The edit that a text says.

    Raises:
        EditError: if it says none, or one that does not fit the network and its input.
    """
    kind, *parts = text.split(":")
    try:
        edit = _parse(kind, parts, asked)
    except (ValueError, TypeError, InputError) as error:
        if isinstance(error, EditError):
            raise
        raise EditError("edit: " + say("expected a what-if such as delete:3, got {text!r}", text=text[:60])) from error
    check(edit, limits(asked))
    return edit


def _parse(kind: str, parts: list[str], asked: ModelRun) -> Edit:
    fits = limits(asked)
    if kind == "hold":
        site, gate, value, units, steps = parts
        number = float(_matched(_VALUE, value))
        return HoldGate(parse_site(site), gate, number, _numbers(units, fits), _numbers(steps, fits))
    if kind in STATE_CHANGES:
        site, units, steps, *seed = parts
        if len(seed) != (kind == "shuffle"):
            raise ValueError(kind)
        order = _whole(seed[0]) if seed else 0
        return ChangeState(parse_site(site), kind, _numbers(units, fits), _numbers(steps, fits), order)
    if kind == "paste":
        site, step, donor_step, units, quoted = parts
        donor = unquote(quoted)[:LONGEST_TEXT]
        ids = asked.model.encode(donor).ids
        return Transplant(parse_site(site), _whole(step), ids, _whole(donor_step), _numbers(units, fits), donor)
    if kind == "replace":
        step, quoted = parts
        return put_word(asked, _whole(step), unquote(quoted)[:LONGEST_TEXT])
    if kind == "set":
        steps, channels, value = parts
        number = None if value == MEAN else float(_matched(_VALUE, value))
        return SetValue(_numbers(steps, fits), _numbers(channels, fits), number)
    if kind == "attend":
        return _attention(fits, *parts)
    if kind == "compare":
        score, temperature = parts
        return Rescore(None if score == OWN else score, float(_matched(_VALUE, temperature)))
    if kind == "begin":
        (ids,) = parts
        return begin_with(asked, tuple(map(_whole, ids.split(","))))
    if kind == "token":
        step, index = map(_whole, parts)
        return put_token(asked, step, index)
    (step,) = parts
    kinds = {"delete": DeleteToken, "unknown": lambda place: unknown_at(asked, place), "blank": MaskToken}
    return kinds[kind](_whole(step)) if kind in kinds else _refuse(kind)


def unknown_at(asked: ModelRun, step: int) -> MaskToken:
    """The edit that reads whatever is unknown to the network at a step."""
    return MaskToken(step, getattr(asked.model.network.input, "unknown", 0))


def put_token(asked: ModelRun, step: int, index: int) -> ReplaceToken:
    """The edit that reads a token of this id at a step, typed or not."""
    check(edit := ReplaceToken(step, index, typed=False), limits(asked))
    _check_words((index,))
    label = asked.model.task.source.label(index) if asked.encoded.written else f"id {index}"
    return replace(edit, word=label)


def _check_words(ids: tuple[int, ...]) -> None:
    """Refuse ids that stand for no word: padding, the beginning and the end."""
    if any(index <= END and index != UNKNOWN for index in ids):
        raise EditError("edit: " + say("expected tokens that stand within a text, got its beginning or its end"))


def begin_with(asked: ModelRun, ids: tuple[int, ...]) -> Begin:
    """The edit that begins the target with these ids."""
    check(edit := Begin(ids), limits(asked))
    _check_words(ids)
    return replace(edit, text=asked.model.task.spell(asked.tokens.text, ids))


def put_word(asked: ModelRun, step: int, word: str) -> ReplaceToken:
    """The edit that reads ``word`` at a step, as it would be read were it typed there.

    Raises:
        EditError: if it is not exactly one token.
    """
    tokens, word = asked.tokens, word.strip()
    if not (tokens.ids and step < len(tokens.spans)):
        raise EditError(
            "edit: " + say("expected one of the {noun}s to replace, got number {n}", noun=say(tokens.noun), n=step + 1)
        )
    start, end = tokens.spans[step]
    typed = tokens.text[:start] + word + tokens.text[end:]
    try:
        found, before = asked.model.encode(typed), len(asked.model.encode(tokens.text)) - len(tokens)
    except InputError as error:
        raise EditError(
            "edit: " + say("expected one {noun} to put there, got {word!r}", noun=say(tokens.noun), word=word[:60])
        ) from error
    place = step + before
    if not word or place >= len(found) or found.tokens.spans[place] != (start, start + len(word)):
        raise EditError(
            "edit: " + say("expected one {noun} to put there, got {word!r}", noun=say(tokens.noun), word=word[:60])
        )
    return ReplaceToken(step, found.ids[place], word)


def _attention(fits: Limits, how: str, detail: str = "", steps: str = ALL) -> PoolAttention:
    looks = _numbers(steps, fits)
    if how == "uniform" and not detail:
        return PoolAttention("uniform", steps=looks)
    if how == "one":
        return PoolAttention("one", position=_whole(detail), steps=looks)
    if how == "permuted":
        return PoolAttention("permuted", seed=_whole(detail), steps=looks)
    if how == "drawn":
        weights = tuple(float(_matched(_VALUE, part)) for part in detail.split(","))
        return PoolAttention("drawn", weights=weights, steps=looks)
    return _refuse(how)


def _refuse(what: str) -> PoolAttention:
    raise ValueError(what)


def _some(numbers: Some) -> str:
    """Numbers with runs of three or more as first-last."""
    if numbers is None:
        return ALL
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    short = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs]
    return ",".join(short)


def _numbers(text: str, limits: Limits) -> Some:
    if text == ALL:
        return None
    found: set[int] = set()
    for part in text.split(","):
        matched = _RUN.fullmatch(part)
        if matched is None:
            raise ValueError(part)
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if last >= max(limits.units, limits.steps, limits.channels, limits.written, limits.decoder_units):
            raise EditError(
                "edit: "
                + say("expected steps, units and channels that this network and input have, got {last}", last=last)
            )
        found |= set(range(first, last + 1))
    return tuple(sorted(found))


def _whole(text: str) -> int:
    return int(_matched(_NUMBER, text))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text
