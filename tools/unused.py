"""Tell code that nothing uses. ``python -m tools.unused`` says what there is (exit status 1 when there is any).

vulture finds it by names, twice: in ``app`` and ``tools`` by themselves, where what only a test calls is dead, and in ``tests`` together
with them. What is used by someone else than Python code of ours (a framework, a decoder, a page) stands in ``unused.txt``, each with its
reason. A line that lets nothing through any more is reported as well.

What is in a module is read once for each of its contents and kept in ``build/``: reading all takes seven seconds of the processor,
reading what was changed next to none.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from vulture import Vulture, __version__
from vulture.core import Item

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".txt")
FIXTURES = ["@pytest.fixture*", "@pytest_asyncio.fixture*"]
EXCLUDED = ["*/node_modules/*", "*/core/endpoints/request_types/*"]
"""Also the structs that are made from the SDK's types: their fields are read by msgspec."""
ROOMS: Final = ("app", "tools", "tests")
KEPT: Final = ROOT / "build" / "unused.msgpack"
"""What was read of the modules, each by its path and its contents. Anything else there is as good as nothing."""
DEFINED: Final = (
    "defined_attrs",
    "defined_classes",
    "defined_funcs",
    "defined_imports",
    "defined_methods",
    "defined_props",
    "defined_vars",
    "unreachable_code",
)
"""The lists that vulture fills while it reads."""
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


class Seen(msgspec.Struct, frozen=True):
    """What is in one module of these contents (a digest): what it defines, by vulture's lists, each with name, kind, first and last
    line, message and confidence, and the names that it uses."""

    contents: str
    defined: dict[str, list[tuple[str, str, int, int, str, int]]]
    used: list[str]


def seen(path: Path, source: bytes) -> Seen:
    """Read one module."""
    vulture = Vulture(ignore_decorators=FIXTURES)
    vulture.scan(source.decode(), path)
    defined = {
        name: [(one.name, one.typ, one.first_lineno, one.last_lineno, one.message, one.confidence) for one in getattr(vulture, name)]
        for name in DEFINED
    }
    return Seen(_digest(source), defined, sorted(vulture.used_names))


def all_seen(root: Path, kept: Mapping[str, Seen]) -> dict[str, Seen]:
    """Every module of ``root``, by its path in it; those that stand in ``kept`` as they are now are not read again."""
    found = {}
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        if not any(fnmatchcase(str(path), one) for one in EXCLUDED):
            name, source = path.relative_to(root).as_posix(), path.read_bytes()
            known = kept.get(name)
            found[name] = known if known is not None and known.contents == _digest(source) else seen(path, source)
    return found


def _digest(source: bytes) -> str:
    return hashlib.sha256(__version__.encode() + sys.version.encode() + source).hexdigest()


def kept() -> dict[str, Seen]:
    """What was read in an earlier run; nothing where that cannot be read."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(KEPT.read_bytes(), type=dict[str, Seen])
    return {}


def keep(found: dict[str, Seen]) -> None:
    """Keep it for the next run; a disk that takes nothing only costs time."""
    with suppress(OSError):
        KEPT.parent.mkdir(exist_ok=True)
        half = KEPT.with_suffix(".half")
        half.write_bytes(msgspec.msgpack.encode(found))
        half.replace(KEPT)


def allowed(text: str) -> list[Allowed]:
    """The lines of ``unused.txt``. Raises ValueError with a line that has no room, no name or no reason."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for line in lines:
        if (parts := _LINE.fullmatch(line)) is None:
            raise ValueError(f"{LIST.name} says “{line}”. A line is: app/ or tests/, a name, two spaces, the reason.")
        found.append(Allowed(**parts.groupdict()))
    return found


def search(modules: Mapping[str, Seen]) -> list[Found]:
    """Names that nothing uses: of ``app`` and ``tools`` by themselves, then of ``tests`` beside them."""
    vulture = Vulture(ignore_decorators=FIXTURES)
    found = []
    for room, folders in (("app", ("app/", "tools/")), ("tests", ("tests/",))):
        for path in modules:
            if path.startswith(folders):
                _add(vulture, Path(path), modules[path])
        vulture.scavenge([])  # what vulture knows of the libraries that are imported
        for one in vulture.get_unused_code(min_confidence=CONFIDENCE):
            where = Path(one.filename)
            if room == "app" or where.parts[0] == "tests":
                found.append(Found(room, one.name, one.typ, f"{where}:{one.first_lineno}"))
    return found


def _add(vulture: Vulture, path: Path, module: Seen) -> None:
    for name, items in module.defined.items():
        getattr(vulture, name).extend(Item(*one[:2], path, *one[2:]) for one in items)
    vulture.used_names.update(module.used)


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
    known = kept()
    modules = all_seen(ROOT, known)
    if modules != known:
        keep(modules)
    dead, stale = judged(search(modules), allowed(LIST.read_text()))
    for one in dead:
        print(f"{one.where}: nothing uses the {one.kind} {one.name}. Remove it, or say in tools/{LIST.name} who does.", file=sys.stderr)
    for rule in stale:
        print(f"tools/{LIST.name} lets {rule.name} through in {rule.room}/, where it is used or gone. Remove the line.", file=sys.stderr)
    return 1 if dead or stale else 0


if __name__ == "__main__":
    sys.exit(main())
