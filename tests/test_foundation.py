"""The ground the rest stands on: what needs no torch, configuration, packaging, what the server adds to its answers."""

import base64
import gzip
import hashlib
import os
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
import streamlit as st

from tests.conftest import ROOT, AppServer, NetworkForbiddenError

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_figures_and_traces_import_where_torch_and_streamlit_are_missing() -> None:
    modules = ["viz.figures", "viz.figures.parts.export", "viz.figures.memory.gradient_flow", "viz.view", "viz.theme",
               "viz.figures.memory.timescale", "core_models.trace", "core_models.vocabulary"]  # fmt: skip
    code = "import sys; sys.modules['torch'] = sys.modules['streamlit'] = None; import " + ", ".join(modules)
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_test_that_reaches_for_another_computer_is_stopped() -> None:
    with pytest.raises(NetworkForbiddenError, match=r"expected only this computer, got '192\.0\.2\.1'"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


# Configuration


def options(table: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def test_streamlit_knows_every_option_and_reads_its_value() -> None:
    wanted = dict(options(CONFIG))
    assert {option: st.get_option(option) for option in wanted} == wanted


def test_the_server_starts_without_a_warning(app_server: AppServer) -> None:
    assert app_server.url in app_server.log
    assert not re.search("warn|error|not a valid|deprecat|traceback", app_server.log, re.IGNORECASE), app_server.log


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_chart_colours_stand_out_from_the_page(scheme: str) -> None:
    theme = CONFIG["theme"][scheme]
    background = theme["backgroundColor"]
    assert contrast(theme["textColor"], background) >= 7
    assert contrast(theme["linkColor"], background) >= 4.5
    assert contrast(theme["primaryColor"], background) >= 4.5
    faint = [colour for colour in theme["chartCategoricalColors"] if contrast(colour, background) < 2.9]
    assert faint == []


# Packaging


def test_requirements_agree_with_pyproject_and_name_no_package_twice() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith(("#", "--"))]
    assert pinned == PROJECT["project"]["dependencies"]
    names = [re.split(r"[\[<>=]", line)[0] for line in pinned]
    assert names == list(dict.fromkeys(names))
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in lines


def test_every_dependency_is_listed_with_its_licence() -> None:
    table = (ROOT / ".github" / "DEPENDENCIES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z][\w-]+) \| .+ \| .+ \|$", table, re.MULTILINE)
    assert rows[1:] == [re.split(r"[\[<>=]", line)[0] for line in PROJECT["project"]["dependencies"]]


def test_what_runs_in_a_container_has_no_rights_and_all_that_it_needs() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in lines if line.startswith("USER ")] == ["gatescope"]
    assert lines.index("USER gatescope") < next(n for n, line in enumerate(lines) if line.startswith("CMD "))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    assert {"!app.py", "!requirements.txt", "!.streamlit/config.toml", "!core_models", "!viz"} <= {*ignored}


def test_the_proxy_lets_every_file_through_that_the_server_takes() -> None:
    proxy = (ROOT / ".deploy" / "nginx.conf").read_text(encoding="utf-8")
    most = re.search(r"client_max_body_size (\d+)m;", proxy)
    assert most
    assert int(most.group(1)) > CONFIG["server"]["maxUploadSize"]


def test_workflows_name_actions_by_commit() -> None:
    uses = re.findall(r"uses: (\S+)", (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8"))
    assert uses
    assert [action for action in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


SECRETS = re.compile(
    "-----BEGIN [A-Z ]*PRIVATE KEY"
    + r"|\bgh[pousr]_\w{36}|\bgithub_pat_\w{22,}|\bAKIA[0-9A-Z]{16}\b|\bhf_[A-Za-z]{34}\b"
)
# .venv, .git and the caches of tools; .github, .ci and .streamlit are ours.
IGNORED_FOLDERS = (".venv", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", "build", "dist")
REGISTRIES = re.compile(r"\b(pypi|npmjs|pythonhosted|anaconda)" + r"\.org\b")


def own_files() -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        if "pyvenv.cfg" in files:
            names.clear()
            continue
        names[:] = [name for name in names if name == ".github" or not name.startswith(IGNORED_FOLDERS)]
        yield from (Path(folder, name) for name in files if not name.endswith((".safetensors", ".png")))


def test_no_file_holds_a_key_or_names_a_package_registry() -> None:
    found = []
    for path in own_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path}: {match.group()}" for match in (SECRETS.search(text), REGISTRIES.search(text)) if match]
    assert found == []


# What the server adds to every answer


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.headers, answer.read()


def script_address(url: str) -> str:
    page = get(url)[2].decode()
    address = re.search(r'src="\./(static/js/[^"]+\.js)"', page)
    assert address
    return f"{url}/{address.group(1)}"


def test_the_policy_allows_the_pages_own_inline_script_and_no_eval(app_url: str) -> None:
    _, headers, page = get(app_url)
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts}
    assert set(policy["script-src"].split()) == {"'self'", "blob:"} | hashes
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/assets/plotly.min.js", "/no/such/page"])
def test_every_answer_carries_the_security_headers(app_url: str, path: str) -> None:
    _, headers, _ = get(app_url + path)
    assert headers["Content-Security-Policy"].count("frame-ancestors 'self' ") == 1
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_scripts_travel_compressed_and_arrive_unchanged(app_url: str) -> None:
    address = script_address(app_url)
    _, plain_headers, plain = get(address)
    assert plain_headers["Content-Encoding"] is None
    for _ in ("compressed now", "kept from before"):
        _, headers, body = get(address, Accept_Encoding="gzip")
        assert headers["Content-Encoding"] == "gzip"
        assert headers["Vary"] == "Accept-Encoding"
        assert "immutable" in headers["Cache-Control"]
        assert gzip.decompress(body) == plain
        assert len(body) < len(plain) / 2


def test_a_range_of_a_script_is_answered_with_those_bytes(app_url: str) -> None:
    address = script_address(app_url)
    get(address, Accept_Encoding="gzip")
    status, headers, body = get(address, Accept_Encoding="gzip", Range="bytes=10-19")
    assert (status, headers["Content-Encoding"]) == (206, None)
    assert body == get(address)[2][10:20]


def test_a_missing_script_is_not_kept_as_if_it_were_one(app_url: str) -> None:
    _, headers, _ = get(f"{app_url}/static/js/missing.js", Accept_Encoding="gzip")
    assert (headers["Cache-Control"], headers["Content-Encoding"]) == ("no-cache", None)


def test_plotly_is_served_from_here_compressed_and_cacheable(app_url: str) -> None:
    _, headers, body = get(f"{app_url}/assets/plotly.min.js", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert b"plotly.js v" in gzip.decompress(body)[:200]
