"""Programs: how they reach this page, what they handed in, and the deliveries of their results."""

from __future__ import annotations

from simple_html import a, code, details, div, h1, h2, header, p, pre, section, span, summary, table, tbody, td, th, thead, tr

from app.core.base import text, urls
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage, RejectedMessage
from app.ui.base.markup import NOTHING, Node, at, join, long
from app.ui.base.parts import (
    act,
    bar_part,
    batch_title,
    checkbox,
    choice,
    command,
    note,
    pill,
    segmented,
    text_input,
    unseen,
)
from app.ui.base.state import State
from app.ui.programs import folder_view
from app.ui.programs.actions import (
    AllowHost,
    ChooseDeliveries,
    ChooseDelivery,
    DeliverAgain,
    EnterServerToken,
    FilterDeliveryBatch,
    FilterOutcome,
    FilterTarget,
    ForgetTurned,
    MoreDeliveries,
    OpenDelivery,
    ShowDeliveries,
    TypeServerToken,
)
from app.ui.programs.message_view import PILLS, SOURCES
from app.ui.programs.settings_view import choices

STATES = {
    "due": "active",
    "failed": "failed",
    "delivered": "delivered",
    "waiting": "waiting for an answer",
    "kept": "no destination",
}
_SHOWN = 15


def programs(state: State) -> Node:
    """The room."""
    return [
        header(
            {},
            div(
                {},
                h1({}, "Integrations"),
                p({}, "Programs send requests here, over HTTP, the OpenAI SDK or RabbitMQ, and get the results."),
            ),
        ),
        _ways(state),
        folder_view.files(state),
        _intake(state),
        _deliveries(state),
        choices(state),
    ]


# --- how they reach this page ----------------------------------------------------------------------------------------------------


def _ways(state: State) -> Node:
    substate = state.programs
    lines: list[Node] = []
    match substate.server:
        case "taking":
            lines.append(
                _way("good", "API online", "Programs on this machine post to /api/requests of the server that this page came from.")
            )
        case "waiting":
            lines.append(
                _way(
                    "wait",
                    "API waiting",
                    "Another page of this server receives the messages; this one takes over when that page is closed.",
                )
            )
        case "connecting":
            lines.append(
                _way(
                    "warn",
                    "API offline",
                    "The local server does not answer; it is retried automatically. What it received before is in its mailbox.",
                )
            )
        case "token":
            lines.append(_token(state))
        case _:
            if not state.engine.leads:
                lines.append(_way("wait", "Another tab leads", "That tab accepts messages and delivers results."))
            else:
                lines.append(
                    _way(
                        "wait",
                        "No API",
                        ["This page did not come from a local server. With ", code({}, "make run"), " programs can post to it over HTTP."],
                    )
                )
    connection = state.broker.connection
    if connection is not None and connection.state != "off":
        tone = {"on": "good", "connecting": "info", "waiting": "warn"}.get(connection.state, "bad")
        lines.append(_way(tone, "RabbitMQ", [connection.host, ". ", a(at(href="#/settings"), "See the settings")]))
    return section(at("card pad stack tight", aria_label="Ways in"), lines, folder_view.way(state))


def _way(tone: str, title: str, words: Node) -> Node:
    return div(at("row wrap"), pill(tone, title), span(at("dim grow words"), words))  # type: ignore[arg-type]


def _token(state: State) -> Node:
    substate = state.programs
    return div(
        at("stack tight"),
        _way("bad", "API locked", "The local server requires its token: the value of NIGHTSHIFT_TOKEN that it was started with."),
        div(
            at("row wrap"),
            div(at("field"), text_input("server-token", substate.typed_token, TypeServerToken(), type="password", aria_label="Token")),
            act("Open", EnterServerToken(), "small"),
        ),
        span(at("fault", role="alert"), substate.door_fault) if substate.door_fault else NOTHING,
    )


# --- what came in ----------------------------------------------------------------------------------------------------------------


def _intake(state: State) -> Node:
    substate = state.programs
    sums = substate.intake
    if not sums.taken and not sums.refused and not sums.duplicates:
        return NOTHING
    counts = [f"{text.number(sums.taken)} taken", f"{text.number(sums.duplicates)} duplicates", f"{text.number(sums.refused)} refused"]
    return section(
        at("card", aria_label="Intake"),
        header({}, h2({}, "Received"), span(at("dim"), join(list(counts)))),
        _minutes(state),
        _turned(state),
    )


def _minutes(state: State) -> Node:
    """Messages of the last minutes, by where they came from."""
    minutes = state.programs.minutes[-_SHOWN:]
    if not minutes:
        return p(at("pad dim"), "None since this page was opened.")
    most = max(sum(counts.values()) for _, counts in minutes)
    return table(
        at("table", aria_label="Messages per minute"),
        thead({}, tr({}, th({}, "Minute"), th(at("num"), "Messages"), th({}, unseen("Share")), th({}, "From"))),
        tbody({}, [_minute(state, minute, counts, most) for minute, counts in reversed(minutes)]),
    )


def _minute(state: State, minute: int, counts: dict[str, int], most: int) -> Node:
    total = sum(counts.values())
    said = ", ".join(f"{text.number(count)} {SOURCES.get(one, one)}" for one, count in sorted(counts.items()))
    bad = 100 * counts.get("refused", 0) / most
    return tr(
        {},
        td(at("mono"), text.clock(minute * 60, offset=state.zone, now=state.now)),
        td(at("num"), text.number(total)),
        td({}, span(at("bar", role="img", aria_label=said), bar_part("g", 100 * total / most - bad), bar_part("b", bad))),
        td(at("dim"), said),
    )


def _turned(state: State) -> Node:
    rejected = state.programs.intake.rejected
    if not rejected:
        return NOTHING
    return div(
        at("pad stack tight"),
        div(
            at("row wrap"),
            span(
                at("grow"),
                "The last message that was refused"
                if len(rejected) == 1
                else f"The last {text.number(len(rejected))} messages that could not be accepted",
            ),
            act("Clear these", ForgetTurned(), "quiet small"),
        ),
        [_refused(state, rejected_message) for rejected_message in reversed(rejected[-20:])],
    )


def _refused(state: State, rejected: RejectedMessage) -> Node:
    head = join(
        [
            text.clock(rejected.at, offset=state.zone, now=state.now),
            SOURCES.get(rejected.source, rejected.source),
            *([rejected.custom_id] if rejected.custom_id else []),
        ]
    )
    return details(
        at(data_refused=rejected.code),
        summary({}, span(at("dim"), head), " ", rejected.detail),
        pre(at("code"), long(rejected.text, "message")),
    )


# --- deliveries ------------------------------------------------------------------------------------------------------------------


def _deliveries(state: State) -> Node:
    substate = state.programs
    if not substate.counts and substate.read and substate.server in ("taking", "waiting"):
        from app.ui.programs.example_view import first_request

        return first_request(substate)
    if not substate.counts:
        return (
            note("info", "No requests from programs yet.", "They are listed here, with every attempt to deliver their results.")
            if substate.read
            else NOTHING
        )
    return section(
        at("card", aria_label="Deliveries"),
        header(
            {},
            h2({}, "Deliveries"),
            segmented(
                "Show",
                substate.which,
                [(one, f"{word} {text.number(substate.counts.get(one, 0))}", ShowDeliveries(one)) for one, word in STATES.items()],
            ),
        ),
        _filters(state),
        _chosen(state),
        _table(state) if substate.rows else p(at("pad dim"), "No matches." if substate.whole else "No matches among the newest 5,000."),
        div(at("pad"), act("Show more", MoreDeliveries(), "small")) if not substate.whole and substate.rows else NOTHING,
        _hosts(state),
    )


def _filters(state: State) -> Node:
    substate = state.programs
    batches = [
        ("", "All batches"),
        *((batch.id, text.shorten(batch_title(batch, state.zone), 40)) for batch in reversed(state.batches.all)),
    ]
    outcomes = [("", "Any delivery status"), *((one, words) for one, words in delivery.WORDS.items())]
    return div(
        at("pad row wrap"),
        div(
            at("field"),
            text_input("delivery-target", substate.target, FilterTarget(), placeholder="Part of a target", aria_label="Target"),
        ),
        div(at("field"), choice("delivery-outcome", substate.outcome, outcomes, FilterOutcome(), aria_label="Delivery status")),
        div(at("field"), choice("delivery-batch", substate.batch, batches, FilterDeliveryBatch(), aria_label="Batch")),
    )


def _chosen(state: State) -> Node:
    substate = state.programs
    if substate.which == "waiting":
        return NOTHING
    return div(
        at("pad row wrap"),
        checkbox(
            f"{text.number(len(substate.chosen))} chosen" if substate.chosen else "Choose all shown",
            bool(substate.chosen),
            ChooseDeliveries(),
        ),
        command(state, DeliverAgain("chosen"), "small"),
        command(state, DeliverAgain("all"), "small"),
    )


def _table(state: State) -> Node:
    return div(
        at("scroll-x"),
        table(
            at("table"),
            thead(
                {},
                tr(
                    {},
                    th({}, unseen("Chosen")),
                    th({}, "Message"),
                    th({}, "Target"),
                    th({}, "Delivery"),
                    th(at("num hide-s"), "Attempts"),
                    th(at("num hide-s"), "Received"),
                ),
            ),
            tbody({}, [_row(state, row) for row in state.programs.rows]),
        ),
    )


def _row(state: State, message: ProgramMessage) -> Node:
    tone, word = PILLS[message.state]
    last = message.attempts[-1] if message.attempts else None
    said = delivery.WORDS[last.outcome] if last and message.state != "delivered" else ""
    again = f"again in {text.span(message.retry_at - state.now)}" if message.state == "due" and message.retry_at > state.now + 1 else ""
    return tr(
        at(id=f"delivery-{message.id}"),
        td({}, checkbox("", message.id in state.programs.chosen, ChooseDelivery(message.id), aria_label=f"Choose {message.name}")),
        td({}, act(text.shorten(message.name, 60), OpenDelivery(message.id), "quiet small")),
        td(at("mono clip", title=message.where or None), text.shorten(message.where, 60) or "none"),
        td({}, pill(tone, word), " ", span(at("dim"), join([part for part in (said, again) if part]))),  # type: ignore[arg-type]
        td(at("num hide-s"), text.number(message.made)),
        td(at("num hide-s"), text.clock(message.at, offset=state.zone, now=state.now)),
    )


def _hosts(state: State) -> Node:
    """Hosts that were not called because nobody allowed it."""
    substate = state.programs
    waiting = {
        urls.origin(row.where)
        for row in substate.rows
        if row.transport == "http" and row.attempts and row.attempts[-1].outcome == "not_configured" and row.state in ("due", "failed")
    }
    return [
        note(
            "info",
            f"Results wait for {host}.",
            "This page calls only hosts that were allowed. Allow it only if you know it: whoever sends requests chooses it.",
            act("Allow it", AllowHost(host), "small"),
        )
        for host in sorted(waiting - set(substate.settings.hosts))
    ]
