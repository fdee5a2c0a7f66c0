"""The guide says what the page says: labels, links and messages are those that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.core.help.guide import slug
from app.ui.base import help_links
from tools import guide, messages

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LABELLED = [*sorted((DOCS / "guide").glob("*.md")), DOCS / "reference" / "settings.md"]
"""Pages whose words in bold are names of rooms, buttons and fields, or keys."""
COUNTED = re.compile(r"\d")
JOURNEYS = {
    "first-batch": ("test_newcomer.py", "test_provider.py"),
    "tables": ("test_table_journey.py", "test_data.py", "test_plan.py", "test_tries.py"),
    "results": ("test_results.py", "test_again.py", "test_python.py"),
    "integrations": ("test_programs.py", "test_batch_manager.py", "test_folder.py", "test_sdk_in_front.py"),
    "recovery": ("test_rescue.py", "test_again.py", "test_damage.py", "test_workspace.py", "test_account.py"),
    "privacy": ("test_policy.py", "test_provider.py", "test_account.py"),
    "faq": ("test_tabs.py", "test_offline.py", "test_update.py", "test_log.py"),
    "messages": ("test_refused.py",),
}
"""Who walks what a page of the guide says, in a browser (tests/e2e)."""


@cache
def shown() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The texts that the page is made of: those that are whole, and those in which something is filled in."""
    whole: set[str] = set()
    filled: list[re.Pattern[str]] = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        if path.parts[len(ROOT.parts) + 1] not in ("core", "services", "ui"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value.strip(" ·:"))
            elif isinstance(node, ast.JoinedStr):
                parts = (re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"[\w,]+(?: \w+)?" for one in node.values)
                if sum(len(str(one.value)) for one in node.values if isinstance(one, ast.Constant)) > 3:
                    filled.append(re.compile("".join(parts)))
    return frozenset(whole), tuple(filled)


def labels(page: Path) -> Iterator[str]:
    """The words in bold of a page, without its code."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return iter(re.findall(r"\*\*([^*\n]+)\*\*", text))


@pytest.mark.slow
@pytest.mark.parametrize("page", LABELLED, ids=lambda one: one.stem)
def test_every_label_that_the_guide_names_is_in_the_page(page: Path) -> None:
    """A button, a field or a room that was renamed is renamed in the guide as well."""
    whole, filled = shown()
    named = list(dict.fromkeys(labels(page)))
    assert [one for one in named if one not in whole and not (COUNTED.search(one) and any(each.fullmatch(one) for each in filled))] == []


@pytest.mark.slow
def test_a_label_that_is_nowhere_is_found() -> None:
    """Else the check above could not fail. Where a number is filled in, what stands around it is what counts."""
    whole, filled = shown()
    for label in ("Sbumit now", "Queue and submit", "A room of its own"):
        assert label not in whole
    assert not any(each.fullmatch("Sbumit 20 everywhere") for each in filled)
    assert any(each.fullmatch("Check 20 rows") for each in filled)


def test_every_page_of_the_guide_is_walked_in_a_browser() -> None:
    """Each names the journeys that do what it says, and they are there."""
    assert JOURNEYS.keys() == {page.stem for page in (DOCS / "guide").glob("*.md")}
    for names in JOURNEYS.values():
        assert [name for name in names if not (ROOT / "tests" / "e2e" / name).is_file()] == []


@pytest.mark.slow
def test_messages_are_in_step_with_the_program() -> None:
    """Every failure in words has an entry: ``python -m tools.messages`` writes them."""
    assert messages.PAGE.read_text(encoding="utf-8") == messages.written()
    codes = {code for each in messages.groups().values() for one in each for code in one.code.split("`, `")}
    assert {
        "wrong_key",
        "offline",
        "storage_full",
        "budget",
        "no_key",
        "broker_lost",
        "batch_expired",
        "key_elsewhere",
        "internal",
    } <= codes
    assert len(codes) > 100
    assert not any("…" in code or not code for code in codes)


def test_every_page_is_in_the_index_and_goes_with_the_build() -> None:
    """docs/README.md names each page of guide and reference once, and the archive has them in that order."""
    found = guide.pages()
    assert next(iter(found)) == "first-batch"
    assert {part for part, _text in found.values()} == set(guide.PARTS)
    assert all(text.startswith("# ") for _part, text in found.values())


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def test_links_between_documents_lead_somewhere() -> None:
    """To a file or folder that is there, and to a heading that it has."""
    gone = []
    for page in documents():
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?![a-z]+:)([^()\s]+)\)", text):
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.exists() or (anchor and anchor not in headings(there)):
                gone.append(f"{page.relative_to(ROOT)}: {target}")
    assert gone == []


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page."""
    return frozenset(slug(re.sub(r"[`*]|\]\([^)]*\)|\[", "", one)) for one in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M))


def test_links_of_the_page_to_help_lead_somewhere() -> None:
    """Each names a page of the guide, and a heading that it has."""
    pages = guide.pages()
    led = [(one, "") for one, _words in (*help_links.PAGES.values(), help_links.FIRST)] + [(help_links.MESSAGES, "")]
    for path in sorted((ROOT / "app" / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())) if "help_link(" in path.read_text() else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "help_link":
                given = [one.value if isinstance(one, ast.Constant) else "" for one in (*node.args, ast.Constant(""))]
                led += [(str(given[0]), str(given[2]))] if given[0] else []
    assert len(led) > 8
    for page, anchor in led:
        assert page in pages, page
        assert not anchor or anchor in headings(DOCS / pages[page][0] / f"{page}.md"), (page, anchor)
