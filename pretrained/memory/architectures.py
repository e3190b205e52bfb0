"""Names of what races, apart from the code that computes it, so that figures need no torch."""

CELLS: dict[str, str] = {
    "rnn": "tanh RNN",
    "rnn_relu": "ReLU RNN",
    "gru": "GRU",
    "lstm": "LSTM",
    "attentive": "attention in the recurrence",
}
"""The architectures of delayed recall and adding, by key."""

STREAM_CELLS: dict[str, str] = {"lstm": "LSTM with forget gate", "lstm_no_forget": "LSTM without forget gate"}
"""The two LSTMs of the continual task, by key."""
