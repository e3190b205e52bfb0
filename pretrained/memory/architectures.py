"""Names of what races, apart from the code that computes it, so that figures need no torch."""

from core_models.language import mark

CELLS: dict[str, str] = {
    "rnn": "tanh RNN",
    "rnn_relu": "ReLU RNN",
    "gru": "GRU",
    "lstm": "LSTM",
    "attentive": mark("attention in the recurrence"),
}
"""The architectures of delayed recall and adding, by key."""

STREAM_CELLS: dict[str, str] = {
    "lstm": mark("LSTM with forget gate"), "lstm_no_forget": mark("LSTM without forget gate"),
}  # fmt: skip
"""The two LSTMs of the continual task, by key."""
