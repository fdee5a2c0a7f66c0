"""Pieces that several views share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from simple_html import Tag, b, button, details, div, h2, i, input_, label, option, p, pre, section, select, span, summary

from app.core.base.patterns import pattern
from app.core.base.text import clock, number
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.ui.base.actions import CloseDialog
from app.ui.base.actions_base import Action, command_of
from app.ui.base.help_links import MESSAGES, help_link
from app.ui.base.markup import NOTHING, Node, area, at, keys, long, trusted
from app.ui.base.state import ROW, WINDOW, State

T = TypeVar("T")
_BDI = Tag("bdi")
Tone = Literal["good", "warn", "bad", "info", "wait"]

_SIGNS: dict[str, str] = {"good": "✓", "warn": "⚠", "bad": "✕", "info": "◔", "wait": "◷"}

_ICONS = {
    "home": '<path d="m3.5 11 8.5-7 8.5 7M6 9.5V20h12V9.5"/><path d="M10 20v-5.5h4V20"/>',
    "compose": '<path d="M4 20h4L19 9l-4-4L4 16v4z"/><path d="m13 7 4 4"/>',
    "threads": '<path d="M4 5h16v11H9l-5 4V5z"/><path d="M8 9h8M8 12h5"/>',
    "data": '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M3.5 9.5h17M3.5 14.5h17M9.5 9.5v10"/>',
    "queue": '<path d="M4 6h16M4 12h16M4 18h10"/>',
    "batches": '<path d="m12 3 9 5-9 5-9-5 9-5z"/><path d="m3 12.5 9 5 9-5M3 17l9 5 9-5"/>',
    "results": '<rect x="3.5" y="5" width="17" height="14" rx="2"/><path d="M3.5 10h17M3.5 14.5h17M10 10v9"/>',
    "log": '<path d="M8 6h12M8 12h12M8 18h12"/><path d="M4 6h.01M4 12h.01M4 18h.01"/>',
    "settings": (
        '<circle cx="12" cy="12" r="3"/><path d="M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1'
        'M5.3 18.7l2.1-2.1M16.6 7.4l2.1-2.1"/>'
    ),
    "programs": '<rect x="3.5" y="4" width="17" height="16" rx="2"/><path d="m7.5 9 3 3-3 3M13 15h4"/>',
    "image": '<rect x="3.5" y="5" width="17" height="14" rx="2"/><circle cx="9" cy="10" r="1.5"/><path d="m4 17 5-4 4 3 3-2 4 3"/>',
    "star": '<path d="m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1.1 5.9-5.3-2.9-5.3 2.9 1.1-5.9L3.5 9.7l5.9-.8L12 3.5z"/>',
    "copy": '<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 8V4H4v12h4"/>',
    "up": '<path d="M12 19V5M6 11l6-6 6 6"/>',
    "down": '<path d="M12 5v14M6 13l6 6 6-6"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16v4z"/>',
    "link": '<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1"/><path d="M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>',
}


def icon(name: str) -> Node:
    """A drawing in the colour of its text."""
    stroke = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    return trusted(f'<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" {stroke}>{_ICONS[name]}</svg>')


def pill(tone: Tone, text: str) -> Node:
    """A word with a sign, so that colour is never alone."""
    return span(at(f"pill {tone}"), span(at(aria_hidden="true"), _SIGNS[tone]), text)


def act(text: Node, action: Action, kind: str = "", *, busy: bool = False, disabled: bool = False, **more: Any) -> Node:
    """A button that does one thing."""
    attributes = at(
        f"btn {kind}".strip(), type="button", click=action, disabled=disabled or busy, aria_busy="true" if busy else None, **more
    )
    return button(attributes, [span(at("spin", aria_hidden="true")), text] if busy else text)


def tool(name: str, title: str, action: Action, *, disabled: bool = False, kind: str = "quiet", **more: Any) -> Node:
    """A small button with a drawing only; its name is read out and shown on hover."""
    return button(at(f"btn icon {kind}", type="button", click=action, title=title, aria_label=title, disabled=disabled, **more), icon(name))


def command(state: State, action: Action, kind: str = "", *, words: Node = "", spins: bool = True, **more: Any) -> Node:
    """The button of an action: its words, whether it may be pressed and why not are what its command says. ``words`` in place of its own,
    where the button is in a row of a table; ``spins`` False: many such stand side by side, and none of them turns."""
    what = command_of(action)
    busy = spins and what.busy(state, action)
    why = what.refusal(state, action)
    if why is not None and not busy:
        more = {**more, "title": why}
    elif (keys := what.shortcut(action)) is not None and keys.everywhere:
        more = {"title": keys.spelled, "aria_keyshortcuts": keys.spoken, **more}
    return act(words or what.words(state, action), action, kind, busy=busy, disabled=why is not None, **more)


def command_tool(state: State, name: str, action: Action, *, focusable: bool = False, **more: Any) -> Node:
    """The same as a small button with a drawing only. ``focusable``: where it may not be pressed it is inert but keeps the focus, because
    a disabled button would swallow the keys of what stands around it."""
    what = command_of(action)
    keys = what.shortcut(action)
    title = f"{what.words(state, action)} ({keys.spelled})" if keys else what.words(state, action)
    stopped = what.refusal(state, action) is not None
    return tool(name, title, action, disabled=stopped and not focusable, aria_disabled="true" if stopped and focusable else None, **more)


def keys_of(*actions: Action) -> str:
    """The value of ``data-key``: the keys that run these actions, as their commands say."""
    found = [(shortcut, action) for action in actions if (shortcut := command_of(action).shortcut(action))]
    return keys({shortcut.keys: action for shortcut, action in found})


Control = Callable[..., Node]
"""Makes a control; what it is called with are further attributes of it."""


def json_area(id: str, value: str, rev: int, rows: int, on_input: Action, /, **more: Any) -> Node:
    """A field of JSON, lines unwrapped. ``rev``: the page takes ``value`` over what was typed when it changes."""
    shown = at("mono", id=id, data_value_rev=rev, rows=str(rows), wrap="off", spellcheck="false", input=on_input, **more)
    return area(shown, value)


def ties(id: str, faults: Sequence[str], advice: Sequence[str] = (), hint: Node = NOTHING) -> dict[str, Any]:
    """Attributes that tie a control to what :func:`said` shows about it, so that a screen reader reads it out with the control."""
    parts = [*([f"{id}-wrong"] if faults or advice else []), *([f"{id}-hint"] if hint != NOTHING else [])]
    return {"aria_invalid": "true" if faults else None, "aria_describedby": " ".join(parts) or None}


def said(id: str, faults: Sequence[str], advice: Sequence[str] = (), hint: Node = NOTHING) -> list[Node]:
    """What is wrong about a control, and what helps; for right below it."""
    wrong: list[Node] = [span(at("fault", role="alert"), fault) for fault in faults] + [span(at("advice"), one) for one in advice]
    return [
        div(at("stack tight", id=f"{id}-wrong"), wrong) if wrong else NOTHING,
        span(at("hint", id=f"{id}-hint"), hint) if hint != NOTHING else NOTHING,
    ]


def field(id: str, title: str, control: Control, *, hint: Node = NOTHING, faults: Sequence[str] = (), advice: Sequence[str] = ()) -> Node:
    """A labelled control with what is wrong about it right below."""
    return div(
        at("field", data_bad=bool(faults)),
        label(at(for_=id), title),
        control(**ties(id, faults, advice, hint)),
        said(id, faults, advice, hint),
    )


def typed(id: str, value: str, on_input: Action, **more: Any) -> Control:
    """A text input for :func:`field`."""
    return lambda **ties: text_input(id, value, on_input, **more, **ties)


def chosen(id: str, value: str, options: Sequence[tuple[str, str]], on_change: Action, **more: Any) -> Control:
    """A select for :func:`field`."""
    return lambda **ties: choice(id, value, options, on_change, **more, **ties)


def text_input(id: str, value: str, on_input: Action, **more: Any) -> Node:
    return input_(at(id=id, value=value, input=on_input, autocomplete="off", spellcheck="false", **more))


def choice(id: str, value: str, options: Sequence[tuple[str, str]], on_change: Action, **more: Any) -> Node:
    """A select of (value, text) pairs. A value that is not among them is shown as it is."""
    known = [*options] if any(one == value for one, _ in options) else [*options, (value, value)]
    return select(at(id=id, change=on_change, **more), [option(at(value=one, selected=one == value), title) for one, title in known])


def checkbox(title: Node, checked: bool, on_change: Action, **more: Any) -> Node:
    return label(at("check"), input_(at(type="checkbox", checked=checked, change=on_change, **more)), span({}, title))


def segmented(title: str, value: str, options: Sequence[tuple[str, str, Action]]) -> Node:
    """A row of buttons of which one is pressed."""
    return div(
        at("seg", role="group", aria_label=title),
        [button(at(type="button", click=action, aria_pressed="true" if one == value else "false"), text) for one, text, action in options],
    )


def problem_note(problem: Problem, *buttons: Node, dismiss: Action | None = None, by: str = "") -> Node:
    """A failure in full: what happened, what it means, what to do, and the way on. ``by``: whose words the detail is. Unsaid, they are the
    provider's where it answered (with a status); else they may be the browser's or our own."""
    tone = "" if problem.retry else " bad"
    by = by or ("provider" if problem.status else "")
    words = f"{by.capitalize()} error" if by else "Technical details"
    return div(
        at(f"note{tone}", role="alert", data_problem=problem.code),
        span(at("sign", aria_hidden="true"), "⚠"),
        p({}, b({}, problem.what), " ", problem.means, " " if problem.means else NOTHING, problem.do, _explained(problem.code)),
        span(at("row wrap end"), list(buttons), tool("close", "Dismiss", dismiss) if dismiss else NOTHING),
        details({}, summary({}, words), pre(at("code"), long(problem.detail, "error"))) if problem.detail else NOTHING,
    )


def _explained(code: str) -> Node:
    """The way to what the guide says about a message; of an internal error the part before its colon is what is known."""
    return [" ", help_link(MESSAGES, "Help", code.partition(":")[0])] if _CODE.fullmatch(code) else NOTHING


_CODE = pattern(r"[\w-]{1,60}(?::.*)?", re.S)
"""What can be in an address as it is; a provider may say anything."""


def shown_problem(batch: Batch) -> Problem | None:
    """What went wrong with a batch. That the machine was offline is no fault of one batch: the frame says it, while it is so."""
    if batch.problem is not None and batch.problem.code == "offline" and batch.state not in pipeline.FINAL:
        return None
    return batch.problem


def note(tone: str, title: str, text: Node, *buttons: Node) -> Node:
    sign = {"bad": "✕", "info": "i", "good": "✓"}.get(tone, "⚠")
    return div(
        at(f"note {tone}".strip(), role="status"),
        span(at("sign", aria_hidden="true"), sign),
        div(at("said"), b({}, title), " ", text),  # no p: lists and paragraphs stand in it, and a browser would end it before them
        span(at("row wrap end"), list(buttons)) if buttons else NOTHING,
    )


def unseen(words: str) -> Node:
    """Words for those who hear the page: the name of a column whose cells say by themselves what they are."""
    return span(at("visually-hidden"), words)


def unseen_status(words: str) -> Node:
    """What those who hear the page are told when it changes."""
    return span(at("visually-hidden", role="status"), words)


def scrolls(title: str, content: Node) -> Node:
    """What may be wider than its place, and holds no control: it takes the focus, so that keys can scroll it."""
    return div(at("scroll-x", tabindex="0", role="group", aria_label=title), content)


def identifier(id: Node) -> Node:
    """An id in a cell of the class ``tail``: where it is cut, its end stays, by which ids are distinguished."""
    return _BDI({"dir": "ltr"}, id)


def empty(title: str, text: Node, *buttons: Node) -> Node:
    """What a view shows when there is nothing yet: why, and what to do."""
    return section(at("card empty"), h2({}, title), p({}, text), div(at("row wrap"), list(buttons)))


def windowed(
    key: str, total: int, first: int, rows: Sequence[Node], on_scroll: Action, *, title: str, head: Node = NOTHING, row: int = ROW
) -> Node:
    """A long list of which only ``rows``, from row ``first`` on, are in the page. static/js/scrolling.mjs makes the room for the others.
    ``row``: the height of each, in CSS pixels."""
    table = div(
        at("list", role="table", aria_label=title, aria_rowcount=str(total)),
        head,
        div(
            at(
                "window",
                id=f"{WINDOW}{key}",
                scroll=on_scroll,
                data_var_all=str(min(total, _MOST_DRAWN) * row),
                data_rows=str(total),
                data_row=str(row),
                data_first=str(first),
                tabindex="0",
                role="rowgroup",
            ),
            div(at("space", id=f"above-{key}", aria_hidden="true")),
            list(rows),
            div(at("space", id=f"below-{key}", aria_hidden="true")),
        ),
    )
    return [table, _go_to(key, total)] if total > _MANY else table


_MOST_DRAWN = 1_000
"""Rows of which no screen shows all."""
_MANY = 1_000
"""From so many rows on a row can be gone to by its number."""


def _go_to(key: str, total: int) -> Node:
    return label(
        at("pad row end dim"),
        "Row",
        input_(
            at(
                "input short",
                type="number",
                min="1",
                max=str(total),
                id=f"goto-{key}",
                data_goto=f"{WINDOW}{key}",
                aria_label="Go to row",
            )
        ),
        f"of {number(total)}",
    )


_STATES: dict[str, tuple[Tone, str]] = {
    "adopting": ("info", "reading requests"),
    "planned": ("wait", "prepared"),
    "uploading": ("info", "uploading"),
    "uploaded": ("info", "uploaded"),
    "waiting": ("wait", "waiting for quota"),
    "creating": ("info", "being created"),
    "validating": ("info", "validating"),
    "in_progress": ("info", "in progress"),
    "finalizing": ("info", "finalizing"),
    "cancelling": ("warn", "cancelling"),
    "downloading": ("info", "downloading results"),
    "reconciling": ("info", "verifying results"),
    "done": ("good", "completed"),
    "failed": ("bad", "failed"),
    "expired": ("warn", "expired"),
    "cancelled": ("warn", "cancelled"),
    "withdrawn": ("wait", "returned to queue"),
}


def state_word(state: str) -> str:
    """A batch state as people read it."""
    return _STATES.get(state, ("wait", state))[1]


def tag(word: str) -> Node:
    """A plain word in a frame: a kind, not a state."""
    return span(at("tag", title=word), word)


def batch_title(batch: Batch, zone: float = 0.0) -> str:
    """The batch's name, or when it was made."""
    return batch.name or f"Batch of {clock(batch.created, offset=zone)}"


def batch_pill(batch: Batch) -> Node:
    """A batch's state; with failures among its answers, that too."""
    tone, word = _STATES[batch.state]
    if batch.state == "done" and batch.tally.answered < batch.requests:
        return pill("warn", "completed with failures")
    if shown_problem(batch) is not None and tone == "info":
        return pill("warn", f"{word}, retrying")
    return pill(tone, word)


def progress_meter(batch: Batch) -> Node:
    """The bar with its figures in words."""
    answered, failed = progress(batch)
    words = f"{number(answered)} of {number(batch.requests)} answered" + (f", {number(failed)} not" if failed else "")
    if batch.state in pipeline.FETCHED and (batch.tally.unfound or batch.tally.flawed):  # these were answered, or may have been
        words = f"{number(answered)} of {number(batch.requests)} with a good answer"
    return span(at("meter"), progress_bar(batch, spoken=False), span(at("dim"), words))


def progress(batch: Batch) -> tuple[int, int]:
    """Answered and failed requests, as the provider counts them or, at the end, as the ledger does."""
    if batch.state in ("done", "failed", "expired", "cancelled"):
        return batch.tally.answered, batch.requests - batch.tally.answered
    return (batch.remote.completed, batch.remote.failed) if batch.remote else (0, 0)


def progress_bar(batch: Batch, *, spoken: bool = True) -> Node:
    """How many of a batch's requests are answered and how many failed. Not ``spoken`` where words beside it say the same."""
    total = max(1, batch.requests)
    done, bad = progress(batch)
    good_share, bad_share = 100 * done / total, 100 * bad / total
    said = f"{number(done)} of {number(batch.requests)} answered, {number(bad)} not"
    return span(
        at("bar", title=said, **({"role": "img", "aria_label": said} if spoken else {"aria_hidden": "true"})),
        bar_part("g", good_share),
        bar_part("b", bad_share),
    )


def bar_part(cls: str, share: float) -> Node:
    return i(at(cls, data_var_w=f"{share:.1f}"))


MANY = 200
"""Messages, threads or faults of one list that are drawn, where the list does not scroll by itself (:func:`windowed`)."""


def few(found: Sequence[T], draw: Callable[[int, T], Node], what: str, do: str = "") -> list[Node]:
    """The first and the last of a list, each drawn with its place in it, and between them how many are not shown."""
    if len(found) <= MANY:
        return [draw(n, one) for n, one in enumerate(found)]
    half = MANY // 2
    last = len(found) - half
    words = f"{number(len(found) - MANY)} more {what} are not shown here. {do}".strip()
    return [
        *(draw(n, one) for n, one in enumerate(found[:half])),
        p(at("pad dim", role="note"), words),
        *(draw(n, one) for n, one in enumerate(found[last:], last)),
    ]


def close_button() -> Node:
    return tool("close", "Close", CloseDialog())
