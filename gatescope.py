"""The gates of any recurrent network in one line: names from core_models and viz, and no logic.

    import gatescope as gs

    gs.trace(module, x)                                 every gate, candidate and state, exactly
    log = gs.watch(model, batch)                        every recurrence inside any model: log["encoder.rnn"]
    with gs.watch(model) as log: model(batch)           the same in your own code, which may train the model
    gs.show(model, batch)                               all of it, to look at in a notebook
    gs.figure(trace, "heatmap", "update_gate")          a Plotly figure; gs.numbers(…) its numbers
    gs.to_html(trace, "report.html")                    a page that opens without a network
    gs.load("sst2-gru"), gs.load("model.onnx")          a shipped model, or the recurrences in a file
    gs.run(module, x, edits=[gs.HoldGate(gs.Site("rnn"), "update_gate", 0.0)])

Importing it loads neither Streamlit nor a model.
"""

from core_models.edits.edit import ChangeState, DeleteToken, HoldGate, MaskToken, SetValue
from core_models.kept_input import read_input
from core_models.own.comparing import compare
from core_models.own.doctor import check
from core_models.own.tools import arithmetic, fixed_points, gradient_flow, health, nudge, timescales
from core_models.own.traced import OwnError
from core_models.trace import Site, Tokens
from viz.outside.notebook import attribute, ledger, load, run, show, to_html, trace, watch
from viz.outside.report import figure, numbers
from viz.view import Options

__all__ = [
    "ChangeState",
    "DeleteToken",
    "HoldGate",
    "MaskToken",
    "Options",
    "OwnError",
    "SetValue",
    "Site",
    "Tokens",
    "arithmetic",
    "attribute",
    "check",
    "compare",
    "figure",
    "fixed_points",
    "gradient_flow",
    "health",
    "ledger",
    "load",
    "nudge",
    "numbers",
    "read_input",
    "run",
    "show",
    "timescales",
    "to_html",
    "trace",
    "watch",
]
