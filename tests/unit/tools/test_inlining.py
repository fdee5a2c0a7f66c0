"""How the page's small scripts and its style sheet get into the page."""

import re
from pathlib import Path

import pytest

from tools import inlining

PAGE = """<!doctype html>
<html lang="en"><head>
<script src="b/js/policy.js"></script>
<script src="b/js/watch.js"></script>
<link rel="icon" type="image/svg+xml" href="b/moon.svg">
<link rel="stylesheet" href="b/page.css"><link rel="modulepreload" href="b/js/entry.mjs">
<script type="module" src="b/js/entry.mjs"></script>
</head><body><p title="a&amp;b">Shell &lt;3<br/></p><!-- kept -->
<script type="py" src="b/main.py" config="b/pyscript.toml"></script></body></html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the page asks for."""
    (tmp_path / "b" / "js").mkdir(parents=True)
    for name, text in {"js/policy.js": "policy()\n", "js/watch.js": "watch()\n", "page.css": "p { color: red }\n"}.items():
        (tmp_path / "b" / name).write_text(text)
    return tmp_path


def test_scripts_and_styles_stand_in_the_page_and_in_its_policy(folder: Path) -> None:
    """Each by the hash of its text; the first script runs before there is a policy."""
    html = inlining.inlined(folder, PAGE)
    head = html.partition("</head>")[0]
    assert re.findall(r"<script[^>]*>(.*?)</script>", head) == ["policy()", "watch()"]
    assert f'data-scripts="{inlining.source("watch()")}" data-styles="{inlining.source("p { color: red }")}"' in head
    assert "<style>p { color: red }</style>" in head


def test_the_entry_is_named_and_not_asked_for(folder: Path) -> None:
    """No module comes before the first picture."""
    html = inlining.inlined(folder, PAGE)
    assert html.count("b/js/entry.mjs") == 1
    assert '<html data-entry="b/js/entry.mjs" lang="en">' in html
    assert "modulepreload" not in html


def test_all_else_is_as_it_was(folder: Path) -> None:
    """Marks, comments, the icon and the program's own script."""
    html = inlining.inlined(folder, PAGE)
    assert html.endswith(PAGE.partition("</head>")[2])
    assert '<link rel="icon" type="image/svg+xml" href="b/moon.svg">' in html


@pytest.mark.parametrize("text", ["f('</script>')", "f('<!--')", "f(1)\r\n2"])
def test_refuses_a_script_that_the_parser_would_change(folder: Path, text: str) -> None:
    """What cannot stand in an element as it is ends the build, rather than the page."""
    (folder / "b" / "js" / "watch.js").write_bytes(text.encode())
    with pytest.raises(ValueError, match="cannot stand in"):
        inlining.inlined(folder, PAGE)
