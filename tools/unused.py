"""Tell code that nothing uses. ``python -m tools.unused`` says what there is (exit status 1 when there is any).

vulture finds it by names, twice: in ``app`` and ``tools`` by themselves, where what only a test calls is dead, and in ``tests`` together
with them. What is used by somebody else than Python code of ours (a framework, a decoder, a page) stands in ``unused.txt``, each with its
reason. A line that lets nothing through any more is told as well.
"""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from vulture import Vulture

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".txt")
FIXTURES = ["@pytest.fixture*", "@pytest_asyncio.fixture*"]
EXCLUDED = ["*/node_modules/*", "*/core/endpoints/request_types/*"]
"""Also the structs that are made from the SDK's types: their fields are read by msgspec."""
CONFIDENCE = 60
"""Percent. What vulture calls 60 % sure is all that is found by name: functions, classes, fields, attributes."""
_LINE = re.compile(r"(?P<room>app|tests)/ (?P<name>\S+)  +(?P<reason>\S.*)")


class Allowed(NamedTuple):
    """What is let through: names that fit ``name`` (as in a shell), where vulture looked for ``room``."""

    room: str
    name: str
    reason: str


class Found(NamedTuple):
    """A name that nothing uses; ``where`` is its file and line."""

    room: str
    name: str
    kind: str
    where: str


def allowed(text: str) -> list[Allowed]:
    """The lines of ``unused.txt``. Raises ValueError with a line that has no room, no name or no reason."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for line in lines:
        if (parts := _LINE.fullmatch(line)) is None:
            raise ValueError(f"{LIST.name} says “{line}”. A line is: app/ or tests/, a name, two spaces, the reason.")
        found.append(Allowed(**parts.groupdict()))
    return found


def search(root: Path = ROOT) -> list[Found]:
    """Names that nothing uses: of ``app`` and ``tools`` by themselves, then of ``tests`` beside them; each file is read once."""
    vulture = Vulture(ignore_decorators=FIXTURES)
    found = []
    for room, folders in (("app", ["app", "tools"]), ("tests", ["tests"])):
        vulture.scavenge([str(root / one) for one in folders], exclude=EXCLUDED)
        for one in vulture.get_unused_code(min_confidence=CONFIDENCE):
            where = Path(one.filename).relative_to(root)
            if room == "app" or where.parts[0] == "tests":
                found.append(Found(room, one.name, one.typ, f"{where}:{one.first_lineno}"))
    return found


def judged(found: list[Found], let: list[Allowed]) -> tuple[list[Found], list[Allowed]]:
    """What is dead, and what is let through for nothing."""
    dead, needed = [], set()
    for one in found:
        fits = {rule for rule in let if rule.room == one.room and fnmatchcase(one.name, rule.name)}
        needed |= fits
        if not fits:
            dead.append(one)
    return dead, [rule for rule in let if rule not in needed]


def main() -> int:
    """Look and say."""
    dead, stale = judged(search(), allowed(LIST.read_text()))
    for one in dead:
        print(f"{one.where}: nothing uses the {one.kind} {one.name}. Remove it, or say in tools/{LIST.name} who does.", file=sys.stderr)
    for rule in stale:
        print(f"tools/{LIST.name} lets {rule.name} through in {rule.room}/, where it is used or gone. Remove the line.", file=sys.stderr)
    return 1 if dead or stale else 0


if __name__ == "__main__":
    sys.exit(main())
