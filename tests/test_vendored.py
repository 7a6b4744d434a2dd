"""What others made and we serve: as it was fetched, the version we say, and asking nobody else."""

from __future__ import annotations

import functools
import re
import threading
import tomllib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import metadata
from pathlib import Path

import pytest

from bot.web import vendored
from tests.support.browser import axe

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "bot" / "web" / "static" / "vendor"
FOLDERS = [STATIC, ROOT / "tests" / "support" / "vendor"]
OURS = {vendored.LIST, "LICENCES.txt"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_file_is_listed_and_as_it_was_fetched(folder):
    there = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}

    assert {name: vendored.checksum(path) for name, path in there.items() if name not in OURS} == (
        vendored.checksums(folder)
    )


def test_the_styles_are_the_version_that_the_jinja_components_are_a_port_of():
    listed = tomllib.loads((STATIC / vendored.LIST).read_text())["package"]
    ours = next(p["version"] for p in listed if p["name"] == "nhsuk-frontend")
    port = metadata("nhsuk-frontend-jinja")

    table = dict(re.findall(r"^\| ([\d.]+) \| ([\d.]+) \|$", str(port.get_payload()), re.MULTILINE))

    assert table[ours] == port["Version"]


def test_no_style_or_script_names_another_site():
    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js", ".svg"):
            named = set(re.findall(r"https?://[\w./-]+", path.read_text()))
            assert named <= {"http://www.w3.org/2000/svg"}, path.name


def test_no_nhs_logo_and_no_frutiger_is_here():
    assert not [p.name for p in STATIC.rglob("*") if re.search(r"logo|favicon|frutiger|\.woff", p.name)]
    assert "frutiger" not in (STATIC / "nhsuk-frontend.min.css").read_text().lower()
    assert "@font-face" not in (STATIC / "nhsuk-frontend.min.css").read_text()


PAGE = """<!doctype html><html lang="en"><head><title>A page</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<link rel="stylesheet" href="nhsuk-frontend.min.css">
<script src="htmx.min.js"></script><script src="htmx-ext-sse.min.js"></script>
<script type="module" src="nhsuk-frontend.min.js"></script></head>
<body><main><h1 class="nhsuk-heading-l">Hello</h1>
<label for="s">Find</label><input id="s" class="nhsuk-input" type="search">%s</main></body></html>"""


@pytest.fixture
def site(tmp_path):
    """The vendored folder, and two pages that use it, on a port of its own."""
    (tmp_path / "clear.html").write_text(PAGE % "")
    (tmp_path / "barrier.html").write_text(PAGE % '<button></button><img src="nhsuk-icon.svg">')
    for file in STATIC.rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(STATIC)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.browser
def test_a_page_in_these_styles_is_whole_without_the_internet(site, page):
    page.goto(f"{site}/clear.html")

    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily") == "arial, sans-serif"
    assert page.evaluate("typeof htmx") == "object"
    assert axe(page) == []


@pytest.mark.browser
def test_axe_sees_a_barrier(site, page):
    page.goto(f"{site}/barrier.html")

    assert [line.split(":")[0] for line in axe(page)] == ["button-name", "image-alt"]
    assert axe(page, leave_out="main") == []
