"""Fine particles (PM2.5) in Beijing a day ahead, from its past and the weather."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core_models.language import mark
from pretrained.data.calendar import HOUR
from pretrained.kinds.forecast import Channel, SeriesExample, SeriesTask

FILE = "beijing_pm25/PRSA_2010-2014.csv.gz"
WINDS = {
    "NW": mark("wind NW"), "NE": mark("wind NE"), "SE": mark("wind SE"), "cv": mark("wind calm or variable"),
}  # fmt: skip


def load(folder: Path) -> pd.DataFrame:
    """Every hour of 2010 to 2014; the wind's direction as one column for each, ``cv`` where it is calm or varies."""
    table = pd.read_csv(folder / FILE)
    times = pd.to_datetime(table[["year", "month", "day", "hour"]])
    frame = table[["pm2.5", "DEWP", "TEMP", "PRES", "Iws", "Ir", "Is"]].set_index(pd.DatetimeIndex(times))
    for wind in WINDS:
        frame[wind] = (table["cbwd"] == wind).to_numpy(dtype=float)
    return frame.asfreq("h")


DATA = {
    "name": "Beijing PM2.5 with weather, hourly, 2010 to 2014",
    "source": "https://archive.ics.uci.edu/dataset/381/beijing+pm2+5+data",
    "copy": "github.com/jbrownlee/Datasets at d20fcb6402ae34e653d4513b00f39257bb37ed7f, pollution.csv",
    "licence": "CC BY 4.0; four excerpts of 2014 are shipped as examples",
    "citation": "Liang et al. 2015, Assessing Beijing's PM2.5 pollution, Proc. R. Soc. A 471; DOI 10.24432/C5JS49",
    "limits": "One monitor in one city, 2010 to 2014: trained on 2010 to 2012, choices made on 2013, scored on "
    "2014. It reads past weather, no weather forecast, so it cannot know about an approaching weather front.",
}
"""What the networks learn from."""

BEIJING_PM25 = SeriesTask(
    key="beijing-pm25",
    title=mark("Fine particles (PM2.5) in Beijing, 24 hours ahead"),
    data=DATA,
    step=HOUR,
    channels=(
        Channel("pm2.5", "PM2.5", "µg/m³", also=("pm25", "pm 2.5", "fine dust", "Feinstaub")),
        Channel("DEWP", mark("dew point"), "°C"),
        Channel("TEMP", mark("temperature"), "°C"),
        Channel("PRES", mark("air pressure"), "hPa"),
        Channel("Iws", mark("wind run"), "m/s", log=True),
        Channel("Ir", mark("hours of rain"), "h", log=True),
        Channel("Is", mark("hours of snow"), "h", log=True),
        *(Channel(wind, title) for wind, title in WINDS.items()),
    ),
    cycles=("day", "year"),
    window=96,
    horizon=24,
    scored=(24,),
    measure="rmse",
    season=168,
    season_name=mark("a week before"),
    season_moved=True,
    splits=("2013-01-01", "2014-01-01", "2015-01-01"),
    load=load,
    files={FILE: "f05c813a792252d701ef765302e73bea5e78f7d0edc44cd3cece745313affed6"},
    examples=(
        SeriesExample(
            "Winter smog", "smog", "Fine particles gather for days, and a north wind blows them away within hours.",
            begin="2014-02-14", end="2014-03-01 23:00", last="2014-02-26 10:00",
        ),
        SeriesExample(
            "An ordinary spring", "spring", "Moderate values that come and go.",
            begin="2014-05-01", end="2014-05-15 23:00", last="2014-05-12 08:00",
        ),
        SeriesExample(
            "A missing stretch", "gap", "Hours without a measurement, filled by a straight line before reading.",
            begin="2014-11-28", end="2014-12-12 23:00", last="2014-12-10 06:00",
        ),
        SeriesExample(
            "Clean air", "clean", "The days of the APEC summit of November 2014, when factories stood still.",
            begin="2014-10-28", end="2014-11-13 23:00", last="2014-11-10 00:00",
        ),
    ),
    credit=mark("Excerpts of the Beijing PM2.5 data, Liang et al. 2015, UCI Machine Learning Repository, CC BY 4.0."),
)  # fmt: skip
