"""The picture of a recurrent cell at one token, with the numbers of one input: drawn from the cell's own declaration.

circuit      parts, states and formulas as sources, towers, valves and lanes
layout       where each of them stands, on a wide and on a narrow page
numbers      what they show, at every step
sentence     what one unit did at a token
component    all of it on a page; drawing.js paints one step after the other without asking the server
"""

from viz.cell_diagram.circuit import Circuit
from viz.cell_diagram.component import Opened, Stepped, UnitChosen, cell_diagram
from viz.cell_diagram.picture import Picture

__all__ = ["Circuit", "Opened", "Picture", "Stepped", "UnitChosen", "cell_diagram"]
