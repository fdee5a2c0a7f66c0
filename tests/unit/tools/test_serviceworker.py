"""What the build writes for browsers that keep the page: worker.js and the web manifest."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools import dist, serviceworker

BUILD = "0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of three files."""
    (tmp_path / BUILD / "static").mkdir(parents=True)
    (tmp_path / BUILD / "app.zip").write_bytes(b"zip")
    (tmp_path / BUILD / "static" / "a.mjs").write_text("export {};\n")
    (tmp_path / BUILD / "static" / "a.mjs.br").write_bytes(b"compressed")
    (tmp_path / "index.html").write_text('<!doctype html>\n<p class="a">“quoted” \\ </p>\u2028')
    (tmp_path / "other.txt").write_text("not ours")
    return tmp_path


def told(folder: Path) -> tuple[dict[str, Any], str]:
    """What the worker's head says, as a JavaScript engine reads it."""
    head = (folder / "worker.js").read_text().removesuffix(serviceworker.SOURCE.read_text())
    script = f"const self = {{}};{head};process.stdout.write(JSON.stringify([self.NIGHTSHIFT_FILES, self.NIGHTSHIFT_PAGE]))"
    files, page = json.loads(subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True).stdout)
    return files, page


def test_the_worker_knows_every_file_of_the_build(folder: Path) -> None:
    """Name, size and hash of each file of the build and of the manifest; nothing else of the folder, and no compressed twin."""
    serviceworker.write(folder, BUILD)
    files, page = told(folder)
    assert files["build"] == BUILD
    assert [path for path, _, _ in files["files"]] == [f"{BUILD}/app.zip", f"{BUILD}/static/a.mjs", "nightshift.webmanifest"]
    for path, size, digest in files["files"]:
        data = (folder / path).read_bytes()
        assert (size, digest) == (len(data), base64.b64encode(hashlib.sha256(data).digest()).decode())
    assert page == (folder / "index.html").read_text()


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    """Two builds of one content are equal; another page makes another worker."""
    serviceworker.write(folder, BUILD)
    first = (folder / "worker.js").read_bytes(), (folder / "nightshift.webmanifest").read_bytes()
    serviceworker.write(folder, BUILD)
    assert ((folder / "worker.js").read_bytes(), (folder / "nightshift.webmanifest").read_bytes()) == first
    (folder / "index.html").write_text("another")
    serviceworker.write(folder, BUILD)
    assert (folder / "worker.js").read_bytes() != first[0]


def test_the_manifest_is_relative() -> None:
    """It works under any path: no address begins with a slash or names a host."""
    said = json.loads(serviceworker.manifest(BUILD))
    addresses = [said["start_url"], said["scope"], said["id"], *(icon["src"] for icon in said["icons"])]
    assert not [one for one in addresses if re.match(r"/|[a-z]+:", one)]


def test_every_icon_is_there_in_its_size() -> None:
    """Each file that the manifest names is in the repository, a PNG with the edges that are said."""
    for name, sizes, kind, _ in serviceworker.ICONS:
        data = (serviceworker.ROOT / "static" / "icons" / name).read_bytes()
        if kind == "image/png":
            edges = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
            assert f"{edges[0]}x{edges[1]}" == sizes


def test_colours_are_those_of_the_design() -> None:
    """The manifest's colours stand in the design tokens."""
    tokens = (serviceworker.ROOT / "static" / "css" / "tokens.css").read_text()
    assert f"--page:    light-dark({serviceworker.PAPER}," in tokens
    assert f", {serviceworker.NIGHT});" in tokens


def test_a_worker_that_changed_makes_another_build(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a change of the worker alone is a new version."""
    part = folder / BUILD
    before = dist.named(part)
    other = shutil.copy(serviceworker.SOURCE, tmp_path / "other.js")
    with Path(other).open("a") as file:
        file.write("// changed\n")
    monkeypatch.setattr(serviceworker, "SOURCE", Path(other))
    assert dist.named(part) != before
