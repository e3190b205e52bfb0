"""What a component is sent, as bytes: Streamlit would look for tables in it and write it out twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson


def packed(data: Mapping[str, Any]) -> bytes:
    """Data as JSON, in UTF-8; mount.js reads it."""
    try:
        return orjson.dumps(data)
    except orjson.JSONEncodeError:  # half of a pair of UTF-16, which JSON can hold escaped only
        return json.dumps(data).encode()
