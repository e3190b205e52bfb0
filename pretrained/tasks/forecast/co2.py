"""Carbon dioxide in the air of Mauna Loa, month by month."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core_models.language import mark
from pretrained.data.calendar import MONTH
from pretrained.kinds.forecast import Channel, SeriesExample, SeriesTask

FILE = "co2_mauna_loa/co2-concentration.csv"


def load(folder: Path) -> pd.DataFrame:
    """Every month from March 1958 to April 2020; five early ones are missing."""
    table = pd.read_csv(folder / FILE, index_col="Date", parse_dates=True)
    return pd.DataFrame(table[["CO2"]].asfreq("MS"))


DATA = {
    "name": "Carbon dioxide at Mauna Loa, monthly, 1958 to 2020",
    "source": "https://scrippsco2.ucsd.edu",
    "copy": "github.com/vega/vega-datasets at cad85578e232704bb0453544742440038038c6a2, data/co2-concentration.csv",
    "licence": "CC BY 4.0; an excerpt from 1998 on is shipped as examples",
    "citation": "Keeling et al., Scripps CO2 Program",
    "limits": "A single smooth series: trained up to 1997, scored from December 2007 on, at levels that training "
    "never saw; it can go on with a rise and a rhythm, and knows nothing of their causes.",
}
"""What the networks learn from."""

CO2 = SeriesTask(
    key="co2",
    title=mark("Carbon dioxide at Mauna Loa, a year ahead"),
    data=DATA,
    step=MONTH,
    channels=(Channel("CO2", "CO₂", "ppm", also=("ppm", "carbon dioxide", "Kohlendioxid")),),
    cycles=("year",),
    window=36,
    horizon=12,
    scored=(1,),
    measure="rmse",
    season=12,
    season_name=mark("a year before"),
    season_moved=True,
    splits=("1998-01-01", "2007-12-01", "2020-05-01"),
    load=load,
    files={FILE: "c1a4a970864145940a28225cae288618b156cb32f9a2a1b6606ba7124134febb"},
    examples=(
        SeriesExample(
            "A breath every year", "recent", "The air breathes with the forests of the north, and rises year by year.",
            begin="1998-01-01", end="2020-04-01", last="2019-03-01",
        ),
        SeriesExample(
            "El Niño of 2015", "nino", "A year that rose faster than any before it.",
            begin="1998-01-01", end="2017-12-01", last="2015-08-01",
        ),
    ),
    credit=mark(
        "Excerpt of the Mauna Loa record, Keeling et al., Scripps CO2 Program, as in vega-datasets; CC BY 4.0."
    ),
)  # fmt: skip
