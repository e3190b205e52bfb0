"""How large an uploaded file may be, whatever kind it is; the sentences that refuse one name these numbers."""

from __future__ import annotations

from pretrained.limits import ROWS, UNPACKED_MEGABYTES, UPLOAD_MEGABYTES

MOST_MEGABYTES = UPLOAD_MEGABYTES.value()
"""Of a file of data."""

MOST_MODEL_MEGABYTES = 50
"""Of a file of a model; ``server.maxUploadSize`` in ``.streamlit/config.toml``, which a test holds."""

MOST_BYTES = MOST_MEGABYTES * 1_000_000

MOST_UNPACKED_MEGABYTES = UNPACKED_MEGABYTES.value()
"""Of what a compressed file holds."""

MOST_UNPACKED_BYTES = MOST_UNPACKED_MEGABYTES * 1_000_000

MOST_ROWS = ROWS.value()
MOST_LINES = 2_000_000
"""Blank ones and those inside cells included."""

MOST_COLUMNS = 1_000
MOST_CELLS = 2_000_000
"""Rows times columns."""

LONGEST_LINE = 1_000_000
"""Bytes of UTF-8."""

LONGEST_CELL = 131_072
"""Characters; the limit of Python's ``csv``."""

FEW_BYTES, FEW_CELLS = 2_048, 2_000
"""Of a text, or a table, that is read faster than it is sent to another process, whatever it holds."""
