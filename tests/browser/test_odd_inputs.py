"""What trips a page in a real browser: words that come again, odd texts attributed, rows of odd cells."""

import csv
import re
from pathlib import Path
from urllib.parse import quote_plus

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, wait_for_app
from tests.browser.test_explore import ask, plot

AGAIN = "the good the bad the the the ugly the"
HEATMAPS = """() => [...document.querySelectorAll('.linked-plot-figure')].flatMap((gd) => (gd._fullData ?? [])
  .filter((trace) => trace.type === 'heatmap')
  .map((trace) => [gd._fullLayout.xaxis.type, trace.z[0].length, new Set(trace._x ?? trace.x ?? []).size]))"""
"""Of every heatmap on the page: the kind of its axis, its columns, and how many places these stand at."""


def saved(page: Page, figure: str, folder: Path) -> list[list[str]]:
    """The rows of the numbers of a figure, as they are saved."""
    page.locator(f".st-key-more-{figure} button").first.click()
    with page.expect_download() as download:
        page.locator(f".st-key-csv-{figure} button").first.click()
    download.value.save_as(folder / "numbers.csv")
    page.keyboard.press("Escape")
    with (folder / "numbers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("tab", ["gates", "attention"])
def test_a_word_that_comes_again_has_a_column_and_numbers_of_its_own(open_page: OpenPage, tmp_path: Path, tab: str):
    page = open_page(f"/?model=sst2-gru-attention&tab={tab}&text={quote_plus(AGAIN)}")
    figure = plot(page, "Unit by unit: update gate" if tab == "gates" else "Attention from every token")
    assert ask(figure, "gd._fullData[0].z[0].length") == 9
    found = page.evaluate(HEATMAPS)
    assert found
    for kind, columns, places in found:
        assert kind != "category"
        assert columns in (1, 9)
        assert places in (0, columns)
    if tab == "gates":
        head, *rows = saved(page, "heatmap-rnn-0-forward-update_gate", tmp_path)
        at = head.index("step_token")
        first = [row for row in rows if row[1] == "0"]
        assert [row[at] for row in first] == AGAIN.split()
        assert len({row[-1] for row in first if row[at] == "the"}) == 6


def test_a_digit_that_comes_again_has_a_row_and_a_column_of_its_own(open_page: OpenPage):
    page = open_page("/translate?model=digits-attention&text=copy+7777777")
    figure = plot(page, "Attention from every written token")
    assert (
        ask(figure, "gd._fullData[0].z.slice(0, 7).every((row) => row.length === gd._fullData[0].z[0].length)") is True
    )
    assert ask(figure, "[gd._fullData[0].z.length, gd._fullData[0].z[0].length]") == [8, 9]
    expect(page.get_by_text("7777777").first).to_be_visible()


TEXTS = {
    "one word": "boring",
    "an unknown word": "xyzzy boring",
    "a long text": "it is not that the film is bad , but that it could have been so much better than it is",
    "a text at the limit": "good " * 255 + "good",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_attributed_adds_up_to_what_is_said_to_be_explained(open_page: OpenPage, text: str):
    page = open_page("/explain?section=attribution&model=sst2-gru", left=True)
    box = page.get_by_label("Type an English sentence")
    box.fill(text)
    box.press("Enter")
    page.wait_for_url(lambda address: f"text={quote_plus(text)[:200]}" in address)
    wait_for_app(page)
    if not 2 <= len(text.split()) < 100:
        expect(page.get_by_text(re.compile("give 2 to about"))).to_be_visible()
        return
    expect(page.get_by_text(re.compile("the contributions should add up to"))).to_be_attached()
    said = page.get_by_text(re.compile("the contributions should add up to")).inner_text()
    wanted = float(re.search(r"add up to ([+−-][\d.]+)", said)[1].replace("−", "-"))  # type: ignore[index]
    table = page.locator("[data-testid=stTable] tr")
    expect(table.filter(has_text=re.compile("^Integrated", re.IGNORECASE)).first).to_be_attached()
    rows = {cells[0]: cells[1:] for cells in (row.inner_text().split("\t") for row in table.all())}
    assert "nan" not in page.locator("[data-testid=stTable]").first.inner_text().lower()
    exact = [name for name in rows if name.startswith(("integrated", "Integrated", "Shapley"))]
    assert exact
    for name in exact:
        total, gap = (float(cell.replace("−", "-")) for cell in rows[name][:2])
        assert abs(total + gap - wanted) < 0.002 or abs(total - gap - wanted) < 0.002
        assert abs(gap) < 0.05 * max(1.0, abs(wanted))


ODD = ["good, really good", "two\nlines", 'she said "never again"', "=1+1", "@home it was fun", "", "   ", "NA", "null",
       "007", "1e5", "True", "\u202egnirob"]  # fmt: skip


def test_rows_that_trip_a_table_are_read_and_saved_as_they_are(open_page: OpenPage, tmp_path: Path):
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as made:
        csv.writer(made, lineterminator="\n").writerows([("id", "text"), *enumerate(ODD, start=1)])
    page = open_page("/batch?model=sst2-gru")
    page.set_input_files("[data-testid=stFileUploaderDropzoneInput]", str(file))
    page.get_by_role("button", name="Read 13 rows").click()
    expect(page.get_by_text("13 of 13 rows in")).to_be_visible()
    wait_for_app(page)
    for kind, name in (("13 rows as CSV", "rows-sst2-gru.csv"), ("as Parquet", "rows-sst2-gru.parquet")):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    kept = pd.read_parquet(tmp_path / "rows-sst2-gru.parquet").sort_values("line")
    assert kept["line"].tolist() == [2, 3, *range(5, 16)]
    assert kept["text"].fillna("").tolist() == ODD
    blank = kept["text"].fillna("").str.strip() == ""
    assert [isinstance(note, str) for note in kept["note"][blank]] == [True, True]
    written = pd.read_csv(tmp_path / "rows-sst2-gru.csv", dtype={"text": str}, keep_default_na=False)
    written = written.sort_values("line")
    assert written["text"].tolist() == [f"'{text}" if text[:1] in ("=", "@") else text for text in ODD]
