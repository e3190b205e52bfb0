"""Colours and sizes that a person chooses, which stand in the address and reach every figure."""

import pytest

from tests.support.pages import open_page
from viz.inputs import MENU
from viz.linked_plot.look import COLOURS, SIZE
from viz.theme import CHOSEN_COLORS


@pytest.mark.parametrize("chosen", CHOSEN_COLORS)
def test_a_scale_is_chosen_in_the_menu_and_stands_in_the_address(chosen: str):
    page = open_page()
    page.session_state[MENU] = True
    page.run()
    page.segmented_control(key=COLOURS).set_value(chosen).run()
    page.segmented_control(key=SIZE).set_value("projector").run()
    assert not page.exception
    assert page.query_params["colours"] in (chosen, [chosen])
    assert page.query_params["size"] in ("projector", ["projector"])


@pytest.mark.parametrize("asked", ["x", "", "greys,viridis"])
def test_a_scale_that_there_is_not_leaves_the_usual_one(asked: str):
    page = open_page(colours=asked, size=asked)
    assert not page.exception


@pytest.mark.parametrize("name", CHOSEN_COLORS)
def test_a_scale_grows_ever_lighter(name: str):
    def light(color: str) -> float:
        red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    shades = [light(color) for _, color in CHOSEN_COLORS[name]]
    assert shades == sorted(shades)
