"""Damaged records: the notice on every view, and their card in the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from simple_html import a, b, details, div, h2, h3, header, li, p, section, summary, ul

from app.core.base import text
from app.core.model.damage import DamagedRecord, Quarantined, noun_of
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, note
from app.ui.base.state import State
from app.ui.damage.actions import ExportAside, ExportDamaged, ForgetSealed, PutBack, SetAside

T = TypeVar("T")
_NAMED = 3
_LISTED = 50
_ALONE = 3
"""So many of one kind stand open, one by one; more are one line, which opens."""


def notice(state: State) -> Node:
    """What cannot be read, by name, and the way to it."""
    count = len(state.damage.found)
    names = "; ".join(f"{one.noun} “{one.name}”" for one in state.damage.found[:_NAMED])
    more = f" and {text.number(count - _NAMED)} more" if count > _NAMED else ""
    first = f" {state.damage.found[0].means}" if count == 1 else " Everything else works."
    return note(
        "bad",
        f"{text.count(count, 'record')} cannot be read.",
        [f"{names}{more}.", first, " ", a(at(href="#/settings"), "See Damaged records in the settings"), "."],
        act("Export damaged records", ExportDamaged(), "small"),
        act("Set them aside", SetAside(), "small"),
    )


def card(state: State) -> Node:
    """Every damaged record, and those that were set aside; nothing where there are none."""
    if not state.damage.found and not state.damage.aside:
        return NOTHING
    return section(
        at("card", id="damaged-records", aria_label="Damaged records"),
        header({}, h2({}, "Damaged records")),
        div(
            at("pad stack"),
            p(
                at("dim"),
                "Records in the browser's storage that Nightshift cannot read. They are left as they are and not used; everything else "
                "works. Once set aside, a record is out of the way: it is kept in full, and can be put back as it was.",
            ),
            [_kind(noun, several) for noun, several in _by_noun(state.damage.found, lambda one: one.noun)],
            div(
                at("row wrap"),
                act("Export all", ExportDamaged(), "small"),
                act("Set all aside", SetAside(), "small"),
            )
            if len(state.damage.found) > 1
            else NOTHING,
            _aside(state),
        ),
    )


def _by_noun(found: Iterable[T], noun: Callable[[T], str]) -> list[tuple[str, list[T]]]:
    """What is of one kind stands together, the kinds in the order in which they are met."""
    kinds: dict[str, list[T]] = {}
    for one in found:
        kinds.setdefault(noun(one), []).append(one)
    return list(kinds.items())


def _group(noun: str, count: int, means: str, rows: Sequence[Node], *buttons: Node) -> Node:
    """Records of one kind; many of them behind one line with their number and what their damage means."""
    listed = div(
        at("stack"), ul(at("stack plain"), list(rows)), p({}, f"… and {text.number(count - _LISTED)} more.") if count > _LISTED else NOTHING
    )
    if count <= _ALONE:
        return listed
    said = b({}, f"{noun[:1].upper()}{noun[1:]}: {text.count(count, 'record')}. ")
    return div(
        at("stack tight", data_kind=noun),
        p({}, said, means),
        details({}, summary({}, "Show them one by one"), listed),
        div(at("row wrap"), list(buttons)) if buttons else NOTHING,
    )


def _kind(noun: str, several: list[DamagedRecord]) -> Node:
    means = min((one.means for one in several), key=len)  # what is said of all of them; of one it may be said how its provider knows it
    buttons = [
        act(
            f"Export {text.number(len(several))}",
            ExportDamaged(noun=noun),
            "small",
            aria_label=f"Export {text.number(len(several))}: {noun}",
        )
    ]
    if several[0].table != "vault":
        buttons.append(
            act(
                f"Set {text.number(len(several))} aside",
                SetAside(noun=noun),
                "small",
                aria_label=f"Set {text.number(len(several))} aside: {noun}",
            )
        )
    return _group(noun, len(several), means, [_damaged(one) for one in several[:_LISTED]], *buttons)


def _damaged(one: DamagedRecord) -> Node:
    return li(
        at("stack tight"),
        p({}, b({}, f"{one.noun[:1].upper()}{one.noun[1:]} “{one.name}”. "), one.means),
        details({}, summary({}, "Technical details"), p(at("dim"), f"{one.key}: {one.why}")),
        div(
            at("row wrap"),
            [
                act("Export", ExportDamaged(one.key), "small", aria_label=f"Export {one.noun} {one.name}"),
                act("Set aside", SetAside(one.key), "small", aria_label=f"Set aside: {one.noun} {one.name}"),
            ]
            if one.table != "vault"
            else [
                a(at(href="#/programs"), "Enter it again under Integrations")
                if one.id.startswith("webhook:")
                else a(at(href="#/settings"), "Enter it again in the settings"),
                act("Forget it", ForgetSealed(one.id), "small", aria_label=f"Forget it: {one.noun} {one.name}"),
            ],
        ),
    )


def _aside(state: State) -> Node:
    if not state.damage.aside:
        return NOTHING
    return div(
        at("stack tight"),
        h3({}, "Set aside"),
        [
            _group(noun, len(several), "They are kept in full.", [_kept(state, one) for one in several[-_LISTED:]])
            for noun, several in _by_noun(state.damage.aside, noun_of)
        ],
    )


def _kept(state: State, one: Quarantined) -> Node:
    when = f", set aside {text.clock(one.at, offset=state.zone, now=state.now)}" if one.at else ""
    how = "" if one.by_hand else " A new record had to be written in its place."
    noun = noun_of(one)
    return li(
        at("stack tight"),
        p({}, b({}, f"{noun[:1].upper()}{noun[1:]} "), f"{one.table}/{one.row}{when}.{how}"),
        div(
            at("row wrap"),
            act("Export", ExportAside(one.id), "small", aria_label=f"Export {one.table}/{one.row}"),
            act("Put back", PutBack(one.id), "small", aria_label=f"Put back {one.table}/{one.row}"),
        ),
    )
