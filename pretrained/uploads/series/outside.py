"""Where a person's series lies outside of what a model learned, in sentences."""

from __future__ import annotations

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
            f"This series has a mean of {mean:.4g} and a standard deviation of {sd:.4g}; the model learned "
            f"{channel.title} with {own_mean:.4g} and {own_sd:.4g} {channel.unit}. Each is "
            "standardised by its own, so that only the shape of the curve is compared: forecast and interval were "
            "never measured on a series like this one."
        )
    reach = [f"down to {_signed(low)}" for _ in range(round(low, 1) < round(least, 1))]
    reach += [f"up to {_signed(high)}" for _ in range(round(high, 1) > round(most, 1))]
    if reach:
        notices.append(
            f"Its values go {' and '.join(reach)} standard deviations from the mean, farther than anything in training "
            f"({_signed(least)} to {_signed(most)}): there the network is on its own."
        )
    if len(task.channels) > 1:
        others = [channel.title for channel in task.channels[1:]]
        named = ", ".join(others[:3]) + (" and more" if len(others) > 3 else "")
        notices.append(
            f"The model also learned from {named}. Of a series of your own one column alone is read, and the mean of "
            "training in place of each of these."
        )
    return notices


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")
