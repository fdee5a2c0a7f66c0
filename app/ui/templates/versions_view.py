"""Versions of a prompt, and how one differs from what stands in it now."""

from __future__ import annotations

from typing import Final

from simple_html import a, del_, div, h2, h3, header, input_, ins, p, pre, section, small, span

from app.core.base import text
from app.core.model.templates import TemplateVersion
from app.core.templates import versions
from app.core.templates.versions import ContentChange, DiffLine
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, batch_pill, batch_title, few
from app.ui.base.prompt_state import PromptState
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.templates.actions import CompareVersion, KeepVersion, NameVersion, RestoreVersion

LINES: Final = 400
"""Lines of one difference that are shown."""
_AROUND: Final = 2
_TITLE: Final = 60
_WORDS: Final = {"added": "added", "removed": "removed", "changed": "changed"}


def kept(state: State) -> Node:
    """The card of the versions."""
    here = state.prompt
    return section(
        at("card", aria_label="Versions"),
        header({}, h2({}, "Versions"), act("Save version", KeepVersion(), "small end")),
        few(here.versions, lambda _n, one: _version(state, one), "versions")
        if here.versions
        else p(at("pad dim"), "Every version that is sent is kept here. Answers name the one that asked for them."),
    )


def _version(state: State, one: TemplateVersion) -> Node:
    here = state.prompt
    shown = here.compared == one.id
    title = versions.title(one)
    return div(
        at("version", role="group", aria_label=title),
        div(
            at("row wrap"),
            div(
                at("grow few"),
                input_(
                    at(
                        "input",
                        id=f"version-{one.id}",
                        value=one.name,
                        placeholder=f"Version {one.number}",
                        change=NameVersion(one.id),
                        aria_label=f"Name of version {one.number}",
                        autocomplete="off",
                        maxlength="200",
                    )
                ),
                small(at("dim"), f"Version {one.number} · ", ago(state, one.created)),
            ),
            act("Compare", CompareVersion(one.id), "small", aria_expanded=str(shown).lower(), aria_label=f"Compare {title}"),
            act("Restore", RestoreVersion(one.id), "small", aria_label=f"Restore {title}"),
        ),
        _batches(state, here, one),
        _difference(here.changes) if shown else NOTHING,
    )


def _batches(state: State, here: PromptState, one: TemplateVersion) -> Node:
    """The batches whose requests this version made; no request is read for it."""
    added = [each for each in here.sent if one.id in (each.template_version, *(way.version for way in each.variants))]
    if not added:
        return NOTHING
    ids = {each.id for each in added}
    batches = [each for each in state.batches.all if not ids.isdisjoint(each.additions)]
    requests = text.count(sum(each.requests for each in added), "request")
    if any(each.variants for each in added):
        requests = f"Among {requests}"  # which of them are of this version is not counted
    if not batches:
        return small(at("dim"), f"{requests} added to the queue, in no batch here. ", a(at(href="#/queue"), "Open the queue"))
    return div(
        at("row wrap", role="group", aria_label=f"Batches of {versions.title(one)}"),
        small(at("dim"), f"{requests} added, in {text.count(len(batches), 'batch')}:"),
        few(
            batches,
            lambda _n, each: span(
                at("row"),
                a(
                    at("clip", href=f"#/batches/{each.id}", title=batch_title(each, state.zone)),
                    text.shorten(batch_title(each, state.zone), _TITLE),
                ),
                batch_pill(each),
            ),
            "batches",
        ),
    )


def _difference(changes: tuple[ContentChange, ...]) -> Node:
    if not changes:
        return p(at("dim", role="status"), "The current prompt is the same.")
    return div(
        at("stack tight", role="status"),
        p(at("dim"), "Changes from this version to the current prompt:"),
        few(changes, lambda _n, one: div(at("stack tight"), h3({}, f"{one.label} {_WORDS[one.kind]}"), _lines(one.lines)), "changes"),
    )


def _lines(lines: list[DiffLine]) -> Node:
    """The lines that differ, and some around them."""
    near = [at_ for at_, one in enumerate(lines) if one.kind != "same"]
    wanted = {n for at_ in near for n in range(at_ - _AROUND, at_ + _AROUND + 1) if 0 <= n < len(lines)}
    parts: list[Node] = []
    last = -1
    for n in sorted(wanted)[:LINES]:
        if n > last + 1:
            parts.append(span(at("dim"), "…\n"))
        parts.append(_line(lines[n]))
        last = n
    if len(wanted) > LINES:
        parts.append(span(at("dim"), f"… and {text.number(len(wanted) - LINES)} more lines"))
    return pre(at("code diff", tabindex="0"), parts)


def _line(one: DiffLine) -> Node:
    match one.kind:
        case "added":
            return ins({}, f"+ {one.text}\n")
        case "removed":
            return del_({}, f"− {one.text}\n")
        case _:
            return span({}, f"  {one.text}\n")
