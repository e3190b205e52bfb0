"""A view that is added to the list is drawn on Explore, in the section that it names."""

from dataclasses import replace

import pytest

from tests.support.pages import open_page, sentences
from viz import figures
from viz.figures.trace import heatmap, prediction, trajectory
from viz.view import Section

TOYS = {
    Section.ANSWER: prediction.VIEW,
    Section.UNITS: heatmap.VIEW,
    Section.ATTENTION: heatmap.VIEW,
    Section.PATH: trajectory.VIEW,
    Section.MEMORY: heatmap.VIEW,
}


@pytest.mark.parametrize("section", Section)
def test_a_view_added_to_the_list_is_drawn_where_it_belongs(section: Section, monkeypatch: pytest.MonkeyPatch):
    toy = replace(TOYS[section], key="toy", title="A toy", question="Is it drawn?", section=section)
    monkeypatch.setattr(figures, "VIEWS", (*figures.VIEWS, toy))
    page = open_page(model="sst2-gru-attention", tab=section, view="toy")
    assert not page.exception
    assert "**A toy" in sentences(page)
