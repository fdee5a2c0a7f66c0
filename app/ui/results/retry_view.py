"""The dialog in which a person says how requests are to be sent again: what goes, what stays, what is other than before, and the price."""

from __future__ import annotations

from typing import Final

from simple_html import b, datalist, div, input_, option, p, span

from app.core.base import text
from app.core.model.rescues import RescueWay
from app.core.prices.rates import dollars
from app.core.results.retrying import FAULT, MOST_LIMIT, can_limit, can_tell
from app.services.results.selection_jobs import RetryPrice, SelectionFacts
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import act, checkbox, chosen, command, field, note, typed
from app.ui.base.sending_ways import MEANS, WAYS
from app.ui.base.state import State
from app.ui.results.dialogs import RetryDialog
from app.ui.results.retry_submitting import offered
from app.ui.results.selection_actions import SendRetry, SetRetry, StopRetry

_MODELS_SHOWN = 200
_TIERS: Final[dict[RescueWay, str]] = {
    "queue": "as a batch",
    "batch": "as a batch",
    "flex": "at the flex price",
    "standard": "at the standard price",
}


def retry(state: State, one: RetryDialog) -> Node:
    """The dialog."""
    facts = one.facts
    return dialog(
        "retry",
        "Send again",
        (note("bad", "Nothing was sent.", one.fault) if one.fault else p(at("dim", role="status"), "Counting …"))
        if facts is None
        else div(at("stack"), _goes(one, facts), _options(state, one, facts), _way(one, facts), _price(one, facts), _standing(one)),
        act("Stop", StopRetry()) if one.doing else act("Cancel", CloseDialog(), "quiet"),
        command(state, SendRetry(), "danger" if one.risky and facts is not None and facts.risky else "primary"),
    )


def _goes(one: RetryDialog, facts: SelectionFacts) -> Node:
    """What becomes of the chosen rows; the counts add up to them."""
    stays = [
        (facts.answered, "has a good answer and stays", "have a good answer and stay"),
        (facts.waiting, "has no outcome yet and stays", "have no outcome yet and stay"),
        (facts.again, "was sent again already; it is sent only if it is in no queue or batch", _AGAIN),
    ]
    return div(
        at("stack tight"),
        p(
            {},
            b({}, text.number(facts.free)),
            f" of {text.count(facts.rows, 'row')} {_were(facts.free)} not answered. Nothing is paid twice.",
        )
        if facts.free or not facts.risky
        else NOTHING,
        checkbox(
            [
                b({}, text.number(facts.risky)),
                f" {_were(facts.risky)} answered without a good answer, or may have been. Sending them again is billed again.",
            ],
            one.risky,
            SetRetry("risky"),
            id="retry-risky",
        )
        if facts.risky
        else NOTHING,
        [p(at("dim"), f"{text.number(count)} {single if count == 1 else several}.") for count, single, several in stays if count],
    )


_AGAIN = "were sent again already; they are sent only if they are in no queue or batch"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _options(state: State, one: RetryDialog, facts: SelectionFacts) -> Node:
    models = ", ".join(facts.models[:3])
    limits = all(map(can_limit, facts.endpoints)) and bool(facts.endpoints)
    tells = all(map(can_tell, facts.endpoints)) and bool(facts.endpoints)
    return [
        field(
            "retry-model",
            "Model",
            typed("retry-model", one.change.model, SetRetry("model"), placeholder=models, list="retry-models", class_="input"),
            hint=f"Empty: the same ({models[:200]}). Another model has its own queue group.",
        ),
        datalist(at(id="retry-models"), [option(at(value=each)) for each in _models(state, facts)]),
        field(
            "retry-limit",
            "Max output tokens",
            lambda **tied: input_(
                at(
                    "input",
                    id="retry-limit",
                    type="number",
                    min="1",
                    max=str(MOST_LIMIT),
                    value=one.limit,
                    input=SetRetry("limit"),
                    placeholder=str(facts.limit or ""),
                    **tied,
                )
            ),
            hint=f"Empty: as before ({text.number(facts.limit) if facts.limit else 'none'}). Includes reasoning.",
            faults=faults(one.limit_fault),
        )
        if limits
        else NOTHING,
        _telling(one) if tells and facts.risky and one.risky else NOTHING,
    ]


def _telling(one: RetryDialog) -> Node:
    return div(
        at("stack tight"),
        checkbox("Add the answer, and what is wrong with it, to the prompt", one.change.tell, SetRetry("tell"), id="retry-tell"),
        field(
            "retry-words",
            "Message to the model",
            lambda **tied: area(at(id="retry-words", rows="3", input=SetRetry("words"), **tied), one.change.words),
            hint=f"{FAULT} stands for what is wrong with each answer.",
        )
        if one.change.tell
        else NOTHING,
    )


def _models(state: State, facts: SelectionFacts) -> list[str]:
    """Those that are known of the provider in use, where the requests are its."""
    return list(state.provider.models[:_MODELS_SHOWN]) if facts.profiles == (state.profile.id,) else []


def _way(one: RetryDialog, facts: SelectionFacts) -> Node:
    """Whether they wait, or how they go at once, each with its price."""
    options: list[tuple[str, str]] = []
    for way, amount in offered(facts, risky=one.risky).items():
        known = "nothing is billed" if facts.practice else dollars(amount) if amount is not None else "no price is known"
        options.append((way, WAYS[way] if way == "queue" else f"{WAYS[way]}: {known}"))
    return field("retry-way", "Send as", chosen("retry-way", one.way, options, SetRetry("way")), hint=MEANS[one.way])


def _price(one: RetryDialog, facts: SelectionFacts) -> Node:
    parts = [facts.free_price, *([facts.risky_price] if one.risky else [])]
    costs = [each.cost if one.way in ("queue", "batch") else each.flex if one.way == "flex" else each.standard for each in parts]
    requests = sum(each.requests for each in parts)
    if not requests:
        return NOTHING
    tokens = f"{text.number(sum(each.input_tokens for each in parts))} tokens in"
    if facts.practice:
        words = f"Practice: simulated, nothing is billed. About {tokens}."
    elif any(each is None for each in costs):
        words = f"No price is known for this model. About {tokens}."
    else:
        about = "at most about" if one.change.limit else "about"
        price = dollars(sum(each or 0 for each in costs))
        words = f"{text.count(requests, 'request')}: {about} {price} {_TIERS[one.way]} ({tokens}, {_out(parts)} out)."
    return p(at(role="status"), b({}, words), " They wait in the queue until you submit it." if one.way == "queue" else NOTHING)


def _out(parts: list[RetryPrice]) -> str:
    return text.number(sum(each.output_tokens for each in parts))


def _standing(one: RetryDialog) -> Node:
    if one.doing:
        return span(at("dim", role="status"), f"{text.number(one.done)} are in the queue …")
    return note("bad", "Not all were sent.", one.fault) if one.fault else NOTHING
