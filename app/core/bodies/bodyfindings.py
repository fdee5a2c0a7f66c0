"""Findings about bodies, each with the group that it belongs to and the remedy that fixes all of the group; and the groups, over any number
of rows."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final, Literal

import msgspec

from app.core.base.findings import Finding, Severity
from app.core.base.patterns import pattern
from app.core.base.text import number
from app.core.bodies.remedies import BodyRemedy, ConvertField, CutText, DropField, RenameField, converts
from app.core.bodies.typecheck import BodyPath, TypeFault
from app.core.json import jsontext

BodyFindingKind = Literal["type", "value", "unknown", "missing", "rule"]
SENT_PARTS: Final = ("messages", "input")
_INDEX = pattern(r"/\d+(?=/|$)")
_SHOWN = 60


class BodyFinding(Finding, frozen=True, omit_defaults=True):
    """A finding about one body (``field`` is ``raw``). ``group`` is equal for what is the same in other bodies; ``fix`` fixes all of
    them."""

    kind: BodyFindingKind = "rule"
    group: str = ""
    fix: BodyRemedy | None = None


def general(pointer: str) -> str:
    """The pointer with ``*`` for places in lists, as remedies have it."""
    return _INDEX.sub("/*", pointer)


def shown(path: BodyPath) -> str:
    """A path for people: ``messages[0].content``."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(parts).removeprefix(".")[:120]


def of_rule(finding: Finding, fix: BodyRemedy | None = None) -> BodyFinding:
    """A rule's finding with its group: the same place and the same remedy."""
    at = general(finding.path)
    return BodyFinding(
        "raw", finding.sentence, finding.remedy, finding.severity, path=finding.path, group=f"rule {at} {finding.remedy}", fix=fix
    )


def rule(path: BodyPath, sentence: str, remedy: str = "", severity: Severity = "error", fix: BodyRemedy | None = None) -> BodyFinding:
    """A finding of a rule at a path."""
    return of_rule(Finding("raw", sentence, remedy, severity, path=jsontext.pointer(path)), fix)


# --- faults of type in words -------------------------------------------------------------------------------------------------------

_NAMES: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def of_fault(fault: TypeFault, body: Any, *, official: bool) -> BodyFinding:
    """A fault of type as a finding. ``official``: it goes to OpenAI itself; other providers have roles and kinds of content of their
    own."""
    path = jsontext.pointer(fault.path)
    at = general(path)
    where = shown(fault.path)
    match fault.kind:
        case "type":
            return _of_type(fault, body, where, at, path)
        case "value":
            closed = official and bool(fault.path) and fault.path[0] in SENT_PARTS and (fault.tag or fault.path[-1] == "role")
            sentence, remedy = _of_value(fault, where)
            return BodyFinding(
                "raw",
                sentence,
                remedy,
                "error" if closed else "advice",
                path=path,
                kind="value",
                group=f"value {at} {fault.found[:_SHOWN]}",
            )
        case "unknown":
            name = str(fault.path[-1])
            like = get_close_matches(name, fault.expected, 1, 0.75)
            fix: BodyRemedy = RenameField(at, like[0]) if like else DropField(at)
            remedy = f"Did you mean {like[0]}?" if like else "Remove it, unless your provider accepts it."
            return BodyFinding(
                "raw", f"{where} isn't known to the API.", remedy, "advice", path=path, kind="unknown", group=f"unknown {at}", fix=fix
            )
        case "missing":
            remedy = "Add it, unless your provider does not need it."
            if fault.tag:
                remedy = f"Add it: {_listed(fault.expected)}."
            return BodyFinding("raw", f"{where} is missing.", remedy, "advice", path=path, kind="missing", group=f"missing {at}")


def _of_type(fault: TypeFault, body: Any, where: str, at: str, path: str) -> BodyFinding:
    wanted = [name for name in fault.expected if name != "null"]
    takes = " or ".join(_NAMES.get(name, name) for name in wanted) or "nothing"
    found = _NAMES.get(fault.found, fault.found)
    if fault.found == "null" and fault.optional:
        sentence = f"{where} is null; it accepts {takes}, or is left out."
        return BodyFinding("raw", sentence, "Remove it.", "advice", path=path, kind="type", group=f"null {at}", fix=DropField(at))
    value = _at(body, fault.path)
    says = f" “{value[:_SHOWN]}”" if isinstance(value, str) and len(value) <= _SHOWN else ""
    subject = where or "The body"
    fix: BodyRemedy | None = None
    for names, to in ((("int", "float"), "number"), (("bool",), "boolean"), (("str",), "text")):
        if fix is None and set(names) & set(wanted) and converts(value, to):  # type: ignore[arg-type]
            fix = ConvertField(at, to)  # type: ignore[arg-type]
    if fix is None and fault.optional:
        fix = DropField(at)
    sentence = f"{subject} takes {takes}, and here stands {found}{says}."
    remedy = f"Write {takes}{', without quotes' if isinstance(fix, ConvertField) and fix.to != 'text' else ''}."
    return BodyFinding("raw", sentence, remedy, path=path, kind="type", group=f"type {at} {fault.found}", fix=fix)


def _of_value(fault: TypeFault, where: str) -> tuple[str, str]:
    found = fault.found[:_SHOWN]
    like = get_close_matches(fault.found, fault.expected, 1, 0.6)
    remedy = f"Did you mean {like[0]}?" if like else f"There are {_listed(fault.expected)}." if fault.expected else ""
    if fault.path[-1:] == ("role",):
        return f"There is no role “{found}” ({where}).", remedy
    if fault.tag:
        return f"There is no type “{found}” here ({where}).", remedy
    return f"{where} doesn't know “{found}”.", remedy


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values[:8]) + (f" and {len(values) - 8} more" if len(values) > 8 else "")


def _at(value: Any, path: BodyPath) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


# --- over many rows ----------------------------------------------------------------------------------------------------------------


class FindingGroup(msgspec.Struct, frozen=True):
    """What is the same in ``count`` rows. ``sentence`` and ``path`` are of the first of them, ``first`` is its number from 0."""

    key: str
    kind: BodyFindingKind
    severity: Severity
    sentence: str
    remedy: str
    path: str
    first: int
    count: int
    fix: BodyRemedy | None = None
    item: str = ""


class GroupedFindings:
    """Findings of many rows, by group; rows are added in their order. Each group keeps the numbers of all its rows, 4 bytes each, up to
    ``most`` groups; further ones count together as one."""

    OTHERS: Final = "others"

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._first: dict[str, BodyFinding] = {}
        self._rows: dict[str, array[int]] = {}
        self.rows = 0
        """Rows that were added, with findings or without."""
        self.blocked = 0
        """Rows with at least one error."""

    def add(self, row: int, findings: Iterable[BodyFinding]) -> None:
        """The findings of one row."""
        self.rows += 1
        wrong = False
        for finding in findings:
            wrong = wrong or finding.severity == "error"
            rows = self._rows[self._key(finding)]
            if not rows or rows[-1] != row:
                rows.append(row)
        self.blocked += wrong

    def _key(self, finding: BodyFinding) -> str:
        """The group of a finding, which exists then."""
        key = finding.group
        if key not in self._first:
            if len(self._first) >= self._most:
                key = f"{self.OTHERS} {finding.severity}"
            if key not in self._first:
                self._first[key] = finding
                self._rows[key] = array("I")
        return key

    def add_rows(self, rows: Sequence[int], findings: Iterable[BodyFinding]) -> None:
        """Findings that are the same in all of these rows."""
        self.rows += len(rows)
        for key in dict.fromkeys(map(self._key, findings)):
            self._rows[key].extend(rows)
        if any(one.severity == "error" for one in findings):
            self.blocked += len(rows)

    def groups(self) -> list[FindingGroup]:
        """All groups: errors first, then those with most rows."""
        found = [self._group(key, finding) for key, finding in self._first.items()]
        return sorted(found, key=lambda group: (group.severity != "error", -group.count, group.first))

    def _group(self, key: str, finding: BodyFinding) -> FindingGroup:
        rows = self._rows[key]
        other = key.startswith(self.OTHERS)
        return FindingGroup(
            key,
            finding.kind,
            finding.severity,
            "There are many more kinds of problems." if other else finding.sentence,
            "Fix the others first." if other else finding.remedy,
            "" if other else finding.path,
            rows[0],
            len(rows),
            None if other else finding.fix,
            "" if other else finding.item,
        )

    def rows_of(self, key: str) -> Sequence[int]:
        """The rows of a group, in their order. KeyError for one that there is not."""
        return self._rows[key]

    def next_row(self, key: str, after: int) -> int:
        """The group's next row behind this one; from the first again after the last."""
        rows = self._rows[key]
        at = bisect_right(rows, after)
        return rows[at] if at < len(rows) else rows[0]


def cut(path: BodyPath, sentence: str, most: int) -> BodyFinding:
    """A text that is too long, with the remedy that cuts it."""
    pointer = jsontext.pointer(path)
    return rule(path, sentence, f"Cut it to {number(most)} characters.", fix=CutText(general(pointer), most))
