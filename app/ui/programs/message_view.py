"""One message of a program with every try at its delivery; and on a batch's page, what became of its results."""

from __future__ import annotations

from simple_html import a, code, div, h2, header, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, bar_part, batch_title, pill
from app.ui.base.state import State
from app.ui.programs.actions import (
    DeliverBatchAgain,
)

PILLS = {
    "due": ("info", "on its way"),
    "failed": ("bad", "failed"),
    "delivered": ("good", "delivered"),
    "waiting": ("wait", "waiting"),
    "kept": ("wait", "no destination"),
}
"""A message's states: tone and word."""
SOURCES = {"http": "by HTTP", "sdk": "by the SDK", "rabbitmq": "by RabbitMQ", "folder": "from a folder", "refused": "refused"}
"""The ways in which messages come, in words."""


def one_message(state: State, message: ProgramMessage) -> Node:
    """Everything known of one message's delivery."""
    tone, word = PILLS[message.state]
    batch = next((each for each in state.batches.all if each.id == message.batch), None)
    facts = [
        pill(tone, word),  # type: ignore[arg-type]
        span(at("dim"), f"came {text.clock(message.at, offset=state.zone, now=state.now)} {SOURCES.get(message.source, message.source)}"),
        a(at(href=f"#/batches/{message.batch}"), batch_title(batch, state.zone)) if batch else NOTHING,
        span(at("dim"), f"the request: {message.outcome}") if message.outcome else NOTHING,
    ]
    return div(
        at("stack"),
        div(at("row wrap"), facts),
        p(at("dim"), "Idempotency key: ", code({}, message.key)) if message.made else NOTHING,
        table(
            at("table", aria_label="Attempts"),
            thead({}, tr({}, th({}, "When"), th({}, "Outcome"), th(at("hide-s"), "Target"), th(at("num"), "Took"))),
            tbody({}, [_attempt(state, message, n) for n in reversed(range(len(message.attempts)))]),
        )
        if message.attempts
        else p(
            at("dim"),
            "No attempts yet." if message.state != "kept" else "It has no target: read it here or by GET.",
        ),
    )


def _attempt(state: State, message: ProgramMessage, n: int) -> Node:
    each = message.attempts[n]
    way = {"page": "from this page", "server": "through the local server", "broker": "through RabbitMQ"}.get(each.transport, "")
    good = each.outcome in delivery.DONE
    return tr(
        {},
        td(at("nowrap"), text.clock(each.at, offset=state.zone, now=state.now)),
        td(
            {},
            pill("good" if good else "bad", delivery.WORDS[each.outcome] + (f" ({each.status})" if each.status else "")),
            span(at("dim"), join([part for part in (way, "by hand" if each.by_hand else "", each.error) if part])),
        ),
        td(at("mono clip hide-s", title=each.target or None), text.shorten(each.target, 50)),
        td(at("num nowrap"), f"{text.decimal(each.seconds, 1)} s"),
    )


def of_batch(state: State, batch: str) -> Node:
    """How the deliveries of one batch stand: a bar and what can be done; nothing where no program waits for it."""
    counts = state.programs.of_batch
    total = sum(counts.values())
    if not total or state.batch.id != batch:
        return NOTHING
    done, failed, queued = counts.get("delivered", 0), counts.get("failed", 0), counts.get("due", 0)
    kept = total - done - failed - queued
    said = join(
        [
            f"{text.number(done)} delivered",
            f"{text.number(queued)} active",
            f"{text.number(failed)} failed",
            *([f"{text.number(kept)} no destination"] if kept else []),
        ]
    )
    return section(
        at("card", aria_label="Delivery"),
        header(
            {},
            h2({}, "Delivery"),
            span(
                at("row end"),
                act("Redeliver failed", DeliverBatchAgain(batch, "failed"), "small") if failed else NOTHING,
                act("Redeliver all", DeliverBatchAgain(batch, "all"), "quiet small"),
            ),
        ),
        div(
            at("pad row wrap"),
            span(
                at(
                    "bar grow",
                    role="img",
                    aria_label=f"{text.number(done)} of {text.number(total)} delivered, {text.number(failed)} failed",
                ),
                bar_part("g", 100 * done / total),
                bar_part("b", 100 * failed / total),
            ),
            span(at("dim"), said),
        ),
    )
