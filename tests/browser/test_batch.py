"""The Batch page in a real browser: a file is uploaded, read, saved, and one of its rows opened on Explore."""

from pathlib import Path

import pandas as pd
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, wait_for_app

FILE_BOX = "[data-testid=stFileUploaderDropzoneInput]"
FILMS = 'text,stars\n"a good, warm film",5\n=SUM(1),2\n,3\n<b>bad</b> film,1\n'


def test_a_refused_file_is_answered_with_a_sentence_and_another_encoding_is_taken(open_page: OpenPage) -> None:
    page = open_page("/batch?model=sst2-gru")
    page.set_input_files(FILE_BOX, {"name": "films.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n...."})
    expect(page.get_by_text("is named .csv but is a PNG picture")).to_be_visible()
    text = "text\ncrème brûlée, a good film\n".encode("cp1252")
    page.set_input_files(FILE_BOX, {"name": "cafe.csv", "mimeType": "text/csv", "buffer": text})
    page.get_by_role("button", name="Read it as Windows-1252").click()
    expect(page.get_by_role("button", name="Read 1 row")).to_be_visible()


def test_a_file_is_read_saved_and_a_row_of_it_opened(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/batch?model=sst2-gru", left=True)
    page.set_input_files(FILE_BOX, {"name": "films.csv", "mimeType": "text/csv", "buffer": FILMS.encode()})
    page.get_by_role("button", name="Read 4 rows").click()
    expect(page.get_by_text("4 of 4 rows in")).to_be_visible()
    expect(page.get_by_text("not read 1: the note says why")).to_be_visible()
    wait_for_app(page)

    with page.expect_download() as saved:
        page.get_by_role("button", name="4 rows as CSV").click()
    saved.value.save_as(tmp_path / "films.csv")
    assert saved.value.suggested_filename == "films-sst2-gru.csv"
    found = pd.read_csv(tmp_path / "films.csv").set_index("line")
    assert found["text"].to_dict()[3] == "'=SUM(1)"
    assert found["prediction"].to_dict()[2] == "positive"

    page.get_by_label("Search the texts").fill("WARM")
    expect(page.get_by_role("button", name="1 row as CSV")).to_be_visible()
    wait_for_app(page)
    table = page.locator("[data-testid=stDataFrame]")
    table.click(position={"x": 20, "y": 54})
    page.get_by_text("Open it on Explore").click()
    expect(page.get_by_role("textbox", name="Type an English sentence")).to_have_value("a good, warm film")
    assert "model=sst2-gru" in page.url
