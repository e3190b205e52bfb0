"""How long a person waits: from the Enter key to the last figure painted, in Chromium, beside the same figures alone.

    python -m tests.benchmarks.page_latency [--times 24] [--words 20] [--model KEY] [--port 8640]

page    the Explore page of ``streamlit run app.py``: a new sentence every time, so that no cache answers
floor   an otherwise empty Streamlit app (tests/benchmarks/floor.py) under the same settings, which paints the same
        figures, computed beforehand and static, at the same sizes with ``st.plotly_chart`` and does nothing else

Both run side by side in one browser and are used in turn. A sentence is put into the box and Enter pressed at once, so
the box's own wait of 250 ms for more keys does not count. The clock is the page's: it starts when the key
arrives in the document, and stops at the second animation frame after the last change in any figure, once the
script has ended and no figure has changed for 0.4 s (tests/benchmarks/paint.js). A measurement counts only if every
figure was drawn. Two animation frames are up to 33 ms, in both alike.

Printed: medians until the last message of the server's answer and until all is painted, p95 of the latter, the ratio of
page and floor (aim: 1.5), and the server's processor time for one rerun of each, which other programs on the
machine disturb least.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.benchmarks.floor import record, write_floor
from tests.benchmarks.running import APP, Server, chromium, dice, sentence, serve
from tests.benchmarks.timing import Times, milliseconds, print_conditions, print_table, verdict

AIM = 1.5
CALM_MILLISECONDS = 400
WAIT_MILLISECONDS = 60_000
WARM_TIMES = 4
PAINT = Path(__file__).with_name("paint.js")
SIZES = "[...document.querySelectorAll('.js-plotly-plot')].map((figure) => [figure.clientWidth, figure.clientHeight])"


@dataclass
class Rival:
    """One app, open in the browser, and what was measured on it."""

    name: str
    server: Server
    page: Page
    figures: int
    seconds: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    processor: float = 0.0
    skipped: int = 0

    def type_once(self, text: str, *, count: bool) -> None:
        """Type a sentence and wait for its figures."""
        used = self.server.processor_seconds
        box = self.page.get_by_role("textbox").first
        box.fill(text)
        box.press("Enter")
        found = figures_painted(self.page, CALM_MILLISECONDS)
        if not count:
            return
        if found["drawn"] < self.figures:
            self.skipped += 1
            return
        self.seconds.append(found["painted"] / 1e3)
        self.answered.append(found["answered"] / 1e3)
        self.processor += self.server.processor_seconds - used


def figures_painted(page: Page, calm: int) -> dict[str, float]:
    """What ``figuresPainted`` of paint.js resolves to, once the figures have not changed for ``calm`` milliseconds."""
    return page.evaluate(f"figuresPainted({calm}, {WAIT_MILLISECONDS})")


def open_page(browser: Browser, address: str) -> Page:
    """Open an app and wait until its figures stand still."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(path=PAINT)
    page.goto(address)
    figures_painted(page, 3 * CALM_MILLISECONDS)
    return page


def measure(browser: Browser, asked: argparse.Namespace, folder: Path) -> list[Rival]:
    """Both apps, in turn."""
    chance = dice(0)
    query = f"/?model={asked.model}" if asked.model else "/"
    texts = (sentence(chance, asked.words), sentence(chance, asked.words))
    with serve(APP, asked.port) as app:
        page = open_page(browser, app.url + query)
        sizes = page.evaluate(SIZES)
        with serve(write_floor(folder, record(texts, asked.model), sizes), asked.port + 1) as empty:
            rivals = [
                Rival("page", app, page, len(sizes)),
                Rival("floor", empty, open_page(browser, empty.url), len(sizes)),
            ]
            for number in range(-WARM_TIMES, asked.times):
                for rival in rivals if number % 2 else reversed(rivals):
                    rival.page.bring_to_front()
                    rival.type_once(sentence(chance, asked.words), count=number >= 0)
    return rivals


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=24)
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--model", default="", help="a recipe's name; the app's default model if not given")
    parser.add_argument("--port", type=int, default=8640, help="this and the next one are used")
    asked = parser.parse_args()
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        logging.disable(logging.WARNING)  # Streamlit says that the recording of the figures is no real session
        print_conditions(
            "From Enter to the last figure painted",
            f"Chromium {browser.version}, headless, 1440 x 900",
            f"{asked.words} words a sentence, model: {asked.model or 'the default one'}",
            f"page and floor in turn, {asked.times} times each after {WARM_TIMES} to warm up, under the app's settings",
        )
        page, floor = measure(browser, asked, Path(folder))
    times = {rival.name: Times(tuple(rival.seconds)) for rival in (page, floor)}
    rows = [
        [
            f"{rival.name}, {rival.figures} figures", str(len(rival.seconds)), str(rival.skipped),
            milliseconds(Times(tuple(rival.answered)).median),
            milliseconds(times[rival.name].median), milliseconds(times[rival.name].p95),
            milliseconds(rival.processor / max(1, len(rival.seconds))),
        ]
        for rival in (page, floor)
    ]  # fmt: skip
    print_table(["", "times", "left out", "answer received", "painted", "p95", "server time a rerun"], rows)
    ratio = times["page"].median / times["floor"].median
    print(f"\npage / floor: median {ratio:.2f}x (aim {verdict(ratio, AIM)})", end="")
    print(f", p95 {times['page'].p95 / times['floor'].p95:.2f}x")


if __name__ == "__main__":
    main()
