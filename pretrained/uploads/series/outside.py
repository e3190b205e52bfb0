"""Where a person's series lies outside of what a model learned, in sentences."""

from __future__ import annotations

from core_models.language import Number, listed, mark, say
from pretrained.kinds.forecast import SeriesTask

SHIFTED, WIDER = 1.0, 2.0
"""How many standard deviations a mean may lie off, and by what factor a spread may differ, without a word."""


def outside(task: SeriesTask, low: float, high: float, mean: float, sd: float) -> list[str]:
    """What is different from training: level and spread, the reach of the values, and channels that are missing.

    Args:
        task: what the model learned.
        low, high: least and greatest value, in standard deviations of the series from its mean.
        mean, sd: of the series, in its own unit.
    """
    learned = task.learned
    own_mean, own_sd, (least, most) = learned["mean"][0], learned["sd"][0], learned["range"]
    notices = []
    if abs(mean - own_mean) > SHIFTED * own_sd or not own_sd / WIDER <= sd <= own_sd * WIDER:
        channel = task.channels[0]
        notices.append(
            say(
                "This series has a mean of {mean:.4g} and a standard deviation of {sd:.4g}; the model learned {title} "
                "with {own_mean:.4g} and {own_sd:.4g} {unit}. Each is standardised by its own, so that only the shape "
                "of the curve is compared: forecast and interval were never measured on a series like this one.",
                mean=mean, sd=sd, title=say(channel.title), own_mean=own_mean, own_sd=own_sd, unit=channel.unit,
            )
        )  # fmt: skip
    below, above = round(low, 1) < round(least, 1), round(high, 1) > round(most, 1)
    if below or above:
        reach = mark("down to {low} and up to {high}") if below and above else (
            mark("down to {low}") if below else mark("up to {high}")
        )  # fmt: skip
        notices.append(
            say(
                "Its values go {reach} standard deviations from the mean, farther than anything in training ({least} "
                "to {most}): there the network is on its own.",
                reach=say(reach, low=_signed(low), high=_signed(high)), least=_signed(least), most=_signed(most),
            )
        )  # fmt: skip
    if len(task.channels) > 1:
        others = [say(channel.title) for channel in task.channels[1:]]
        notices.append(
            say(
                "The model also learned from {named}. Of a series of your own one column alone is read, and the mean "
                "of training in place of each of these.", named=listed(others[:3], more=len(others) > 3),
            )
        )  # fmt: skip
    return notices


def _signed(value: float) -> str:
    return f"{Number(value):.1f}"
