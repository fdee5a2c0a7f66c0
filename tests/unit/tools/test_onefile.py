"""How the one file is put together."""

import base64
import gzip
import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools import inlining, onefile

INDEX = """<!doctype html>
<html><head>
<script src="b/js/policy.js"></script>
<script src="b/js/watch.js"></script>
<link rel="icon" type="image/svg+xml" href="b/moon.svg"><link rel="manifest" href="b/app.webmanifest">
<link rel="stylesheet" href="b/page.css"><link rel="modulepreload" href="b/js/entry.mjs">
<script type="module" src="b/js/entry.mjs"></script>
</head><body><p title="a&amp;b">Shell &lt;3</p><script type="py" src="b/main.py" config="b/pyscript.toml"></script></body></html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small build."""
    texts = {
        "index.html": INDEX,
        "LICENSE": "MIT",
        "b/js/policy.js": "policy()",
        "b/js/watch.js": "watch()",
        "b/js/entry.mjs": "await import('../other.mjs'); here(import.meta.url)",
        "b/other.mjs": "export default 1",
        "b/page.css": "p { color: red }",
        "b/moon.svg": "<svg/>",
        "b/moon.png": "",
        "b/app.webmanifest": "{}",
        "b/main.py": "pass",
        "b/pyscript.toml": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "b" / "big.wasm").write_bytes(hashlib.shake_128().digest(onefile.PIECE * 2))
    with zipfile.ZipFile(tmp_path / "b" / "app.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app/a.pyc", b"x" * 1000)
    (tmp_path / "b" / "program.gz").write_bytes(gzip.compress(b"code " * onefile.PIECE, mtime=0))
    (tmp_path / "index.html").write_text(inlining.inlined(tmp_path, INDEX))
    return tmp_path


def held(text: str) -> dict[str, bytes]:
    """What a file's pieces hold, by path."""
    coded: dict[str, bytes] = {}
    for path, piece in re.findall(r'<script type="text/plain" data-path="([^"]+)"[^>]*>([^<]*)</script>', text):
        coded[path] = coded.get(path, b"") + decoded(piece)
    return {path: gzip.decompress(data) for path, data in coded.items()}


def decoded(text: str) -> bytes:
    """As the page decodes it, bit by bit."""
    values = re.sub("=(.)", lambda found: chr(ord(found[1]) - 64), text, flags=re.DOTALL)
    bits = "".join(f"{ord(value):07b}" for value in values)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


@given(st.binary(max_size=80))
@example(bytes(range(256)))
@example(b"\x00" * 20)
@example(b"\xff" * 20)
def test_bytes_become_text_that_the_parser_leaves_alone(data: bytes) -> None:
    """Any bytes come back; none of the characters is one that the parser of HTML changes, or that may end the element."""
    text = onefile.encoded(data)
    assert decoded(text) == data
    assert text.isascii()
    assert not set(text) & set("\x00\r<")


@pytest.mark.slow
def test_holds_every_file_of_the_build(folder: Path) -> None:
    """All that the page may ask for is in it, in as many pieces as it takes; what the page's own text holds is not."""
    text = onefile.write(folder).read_text()
    found = held(text)
    assert sorted(found) == ["b/app.zip", "b/big.wasm", "b/js/entry.mjs", "b/main.py", "b/other.mjs", "b/program.gz", "b/pyscript.toml"]
    assert found["b/big.wasm"] == (folder / "b" / "big.wasm").read_bytes()
    assert text.count('data-path="b/big.wasm"') == 3
    assert text.count("data-last") == len(found)
    assert f'data-pieces="{text.count(onefile.ARRIVED)}"' in text


def test_refuses_a_file_of_an_unknown_kind(folder: Path) -> None:
    """Whatever a later build has more, it is in the file or the build ends."""
    (folder / "b" / "sound.ogg").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"sound\.ogg"):
        onefile.write(folder)


@pytest.mark.slow
def test_modules_are_led_by_their_address(folder: Path) -> None:
    """A module asks for its address and its neighbours in a way that works in a blob."""
    entry = held(onefile.write(folder).read_text())["b/js/entry.mjs"].decode()
    assert entry == "await import(new URL('../other.mjs',nightshiftAddress).href); here(nightshiftAddress)"


@pytest.mark.parametrize("text", ["import './other.mjs';", 'import{a}from"../other.mjs";a()', 'f();export*from"./other.mjs"'])
def test_refuses_a_static_import(folder: Path, text: str) -> None:
    """A module that could not be led to its neighbours ends the build."""
    (folder / "b" / "js" / "entry.mjs").write_text(text)
    with pytest.raises(ValueError, match=r"entry\.mjs imports a neighbour statically"):
        onefile.write(folder)


@pytest.mark.slow
def test_archives_are_stored(folder: Path) -> None:
    """A zip inside is not compressed twice; its files are the same."""
    (folder / "out.zip").write_bytes(held(onefile.write(folder).read_text())["b/app.zip"])
    with zipfile.ZipFile(folder / "out.zip") as archive:
        assert [info.compress_type for info in archive.infolist()] == [zipfile.ZIP_STORED]
        assert archive.read("app/a.pyc") == b"x" * 1000


@pytest.mark.slow
def test_what_came_packed_is_packed_again(folder: Path) -> None:
    """A gzipped file is held as what is in it, gzipped once: it grows by the coding only."""
    text = onefile.write(folder).read_text()
    assert held(text)["b/program.gz"] == b"code " * onefile.PIECE
    piece = re.search(r'data-path="b/program\.gz"[^>]*>([^<]*)<', text)
    assert piece is not None
    assert len(piece[1]) < 2 * (folder / "b" / "program.gz").stat().st_size


def test_the_shell_comes_first_and_unchanged(folder: Path) -> None:
    """The page's own text stands before everything large."""
    text = onefile.write(folder).read_text()
    shell = '<p title="a&amp;b">Shell &lt;3</p><script type="py" src="b/main.py" config="b/pyscript.toml"></script>'
    assert 0 < text.index(shell) < text.index('data-path="b/')


def test_every_inline_script_and_style_is_named_by_its_hash(folder: Path) -> None:
    """All but the first, which runs before there is a policy; nothing is fetched from beside the file."""
    text = onefile.write(folder).read_text()
    scripts = re.findall(r"<script(?: data-[^>]*)?>(.*?)</script>", text, re.DOTALL)
    assert scripts[0] == "policy()"
    assert {inlining.source(script) for script in scripts[1:]} == set(re.findall(r"'sha256-[^']+'", text.split("data-styles")[0]))
    assert f'data-styles="{inlining.source("p { color: red }")}"' in text
    assert not re.search(r'<link[^>]+href="b/|<script src', text)
    assert f'<link rel="icon" href="data:image/svg+xml;base64,{base64.b64encode(b"<svg/>").decode()}" type="image/svg+xml">' in text
