"""Keep the map in docs/architecture.md: rooms and packages, what each is for, and which imports which, drawn from the imports themselves.

``python -m tools.architecture`` rewrites the map, ``--check`` only says whether it is right (exit status 1 when not).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools.circles import ROOT, graph, modules

PAGE: Final = ROOT / "docs" / "architecture.md"
START: Final = "<!-- The map, written by tools/architecture.py. -->\n"
END: Final = "<!-- End of the map. -->\n"


Edges = Mapping[str, set[str]]


def place(module: str) -> str:
    """The room or package that a module of app/ belongs to: ``core/queue``, ``adapters``, or ``program`` for a module beside the rooms."""
    return "/".join(module.split(".")[1:3])


def places(found: Mapping[str, Path]) -> dict[str, str]:
    """Where each module belongs. Modules right in a room belong to the room."""
    packages = {place(name) for name, path in found.items() if path.name == "__init__.py"}
    return {name: at if (at := place(name)) in packages else at.partition("/")[0] for name in found if name != "app"}


def lifted(edges: Edges, of: Mapping[str, str]) -> dict[str, set[str]]:
    """The imports between places instead of modules."""
    found: dict[str, set[str]] = {one: set() for one in of.values()}
    for name, others in edges.items():
        if name in of:
            found[of[name]].update(of[other] for other in others if other in of and of[other] != of[name])
    return found


def reduced(edges: Edges) -> dict[str, set[str]]:
    """Without the arrows that follow from others, so that a drawing can be read. Arrows of a circle stay."""

    def ahead(name: str, found: set[str]) -> set[str]:
        for other in edges.get(name, set()) - found:
            found.add(other)
            ahead(other, found)
        return found

    far = {name: ahead(name, set()) for name in edges}
    kept: dict[str, set[str]] = {}
    for name, others in edges.items():
        by_way = {end for other in others if name not in far[other] for end in far[other] if name not in far.get(end, set())}
        kept[name] = others - by_way
    return kept


def drawing(edges: Edges) -> str:
    """A mermaid flowchart; who imports stands above what it imports."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"  {name}" for name in sorted(edges)]
    lines += [f"  {name} --> {other}" for name in sorted(edges) for other in sorted(edges[name])]
    return "\n".join([*lines, "```", ""])


def sentence(path: Path) -> str:
    """The first sentence of a module's docstring."""
    said = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    first, dot, _ = said.partition(". ")
    return first + dot.strip()


def drawn(found: Mapping[str, Path], edges: Edges) -> str:
    """The whole map."""
    of = places(found)
    whole = lifted(edges, of)
    rooms = lifted(edges, {name: at.partition("/")[0] for name, at in of.items()})
    named = {name: name.removeprefix("app.").replace(".", "/") for name in found}
    about = {named[name]: sentence(path) for name, path in found.items() if named[name] in rooms or named[name] in whole}
    text = [
        "## Rooms\n\nAn arrow leads from who imports to what is imported; what follows from other arrows is left out.\n\n",
        drawing(reduced(rooms)),
    ]
    for room in sorted(rooms):
        inside = {
            at.partition("/")[2]: {to.partition("/")[2] for to in whole[at] if to.startswith(f"{room}/")}
            for at in whole
            if at.startswith(f"{room}/")
        }
        text.append(f"\n## {room}\n\n{about[room]}\n")
        if not any(inside):
            continue
        text += ["\n", drawing(reduced(inside)), "\n| package | what it is for |\n|---|---|\n"]
        text += [f"| `{room}/{name}` | {about[f'{room}/{name}']} |\n" for name in sorted(inside)]
    return "".join(text)


def with_map(page: str, made: str) -> str:
    """``page`` (the Markdown) with the map replaced. Raises ValueError when its two comment lines are missing."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{PAGE.name} has lost the comments around its map.")
    return f"{before}{START}\n{made}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write or check."""
    old = PAGE.read_text(encoding="utf-8")
    new = with_map(old, drawn(modules(), graph()))
    if old == new:
        return 0
    if "--check" in arguments:
        print("docs/architecture.md does not show the imports as they are. Run: python -m tools.architecture", file=sys.stderr)
        return 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
