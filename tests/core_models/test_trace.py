"""The trace refuses what is impossible, and gives what it holds with names, labels and no way to change it."""

import numpy as np
import pytest

from core_models.trace import Site, Tokens, Trace, TraceError
from core_models.vocabulary import VOCABULARY, Kind, quantity

RNN, ATTENTION = Site("rnn"), Site("attention")
TOKENS = Tokens(("not", "good"))
HALF = np.full((2, 3), 0.5)


def weights(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array([rows])


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({(RNN, "update_gate"): np.array([[0.5, np.nan], [0, 1]])}, r"expected finite numbers, got nan at \(0, 1\)"),
        ({(RNN, "hidden_state"): np.array([[0.5, np.inf], [0, 1]])}, r"expected finite numbers, got inf at \(0, 1\)"),
        ({(RNN, "update_gate"): np.array([[0.5, 1.5], [0, 1]])}, r"expected values in \[0, 1\], got \[0, 1.5\]"),
        ({(RNN, "candidate"): np.array([[0.5, -1.5], [0, 1]])}, r"expected values in \[-1, 1\], got \[-1.5, 1\]"),
        ({(RNN, "update_gate"): np.zeros((3, 3))}, "expected 2 tokens along step, got 3"),
        ({(RNN, "update_gate"): np.zeros(2)}, r"expected axes \[step, unit\], got 1 axes"),
        ({(RNN, "update_gate"): np.zeros((2, 0))}, "expected at least one value"),
        ({(ATTENTION, "attention_weights"): weights((1, 0), (0.5, 0.4))}, "sum to 1, got 0.900000 in row 1"),
        (
            {
                (ATTENTION, "attention_weights"): weights((0.5, 0.5), (0.5, 0.5)),
                (ATTENTION, "attention_mask"): weights((1, 0), (1, 1)),
            },
            "expected no weight where the mask is 0",
        ),
        (
            {
                (ATTENTION, "attention_weights"): weights((1, 0), (0.5, 0.5)),
                (ATTENTION, "attention_mask"): np.ones((2, 2, 2)),
            },
            r"attention_mask: expected shape \(1, 2, 2\), got \(2, 2, 2\)",
        ),
    ],
)
def test_an_impossible_value_is_refused_with_a_sentence(entries, message):
    with pytest.raises(TraceError, match=message):
        Trace(TOKENS, entries)


def test_an_unknown_quantity_is_refused_by_the_vocabulary():
    with pytest.raises(KeyError, match=r"expected one of embedding.*got 'sparkle'"):
        Trace(TOKENS, {(RNN, "sparkle"): HALF})


def test_values_come_back_with_named_dims_token_labels_and_the_equation():
    values = Trace(TOKENS, {(RNN, "update_gate"): HALF})[RNN, "update_gate"]
    assert values.dims == ("step", "unit")
    assert values.coords["step_token"].values.tolist() == ["not", "good"]
    assert values.dtype == np.float32
    assert values.attrs["equation"] == quantity("update_gate").equation


def test_values_cannot_be_changed():
    trace = Trace(TOKENS, {(RNN, "update_gate"): HALF})
    with pytest.raises(ValueError, match=r"read-only|is a view"):
        trace[RNN, "update_gate"][0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        trace.array(RNN, "update_gate")[0, 0] = 1.0
    with pytest.raises(TypeError):
        trace.entries[RNN, "update_gate"] = HALF  # type: ignore[index]  # wrong on purpose


def test_a_missing_quantity_is_answered_with_those_that_are_there():
    with pytest.raises(KeyError, match="expected one of update_gate at rnn-0-forward, got 'reset_gate'"):
        Trace(TOKENS, {(RNN, "update_gate"): HALF}).array(RNN, "reset_gate")


def test_quantities_are_found_by_what_they_mean():
    trace = Trace(TOKENS, {(RNN, "update_gate"): HALF, (RNN, "hidden_state"): HALF})
    assert [row.key for _, row in trace.find(Kind.GATE)] == ["update_gate"]
    assert trace.sites(Kind.GATE, Kind.STATE) == (RNN,)
    assert not trace.find(Kind.WEIGHT)


def test_entries_that_are_added_are_checked_too():
    with pytest.raises(TraceError, match="expected 2 tokens"):
        Trace(TOKENS, {(RNN, "update_gate"): HALF}).with_entries({(RNN, "hidden_state"): np.zeros((5, 3))})


def test_a_whole_trace_goes_through_a_netcdf_file(tmp_path):
    trace = Trace(TOKENS, {(RNN, "update_gate"): HALF, (ATTENTION, "attention_weights"): weights((1, 0), (0.5, 0.5))})
    import xarray as xr

    trace.dataset.to_netcdf(tmp_path / "trace.nc", engine="scipy")
    back = xr.open_dataset(tmp_path / "trace.nc", engine="scipy")
    assert np.array_equal(back["rnn-0-forward.update_gate"].values, HALF.astype(np.float32))
    assert back["token"].values.tolist() == ["not", "good"]


@pytest.mark.parametrize("row", VOCABULARY.values(), ids=VOCABULARY)
def test_every_quantity_is_described_in_full(row):
    assert row.label == f"{row.name} {row.symbol}"
    assert row.meaning.endswith(".")
    assert row.equation
    assert row.source
    assert row.low < row.high
    assert row.dims


def test_a_printed_trace_names_what_it_holds_and_no_numbers():
    trace = Trace(TOKENS, {(RNN, "update_gate"): HALF, (RNN, "hidden_state"): HALF}, model="mine")
    assert repr(trace) == "<Trace mine, 2 tokens>\n    rnn-0-forward: update_gate, hidden_state"
