"""What the requests of a plan will cost, how sure that is, and what a batch saves."""

from __future__ import annotations

from simple_html import div, h2, header, p, section, span, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.prices import rates
from app.core.prices.estimates import CostEstimate
from app.core.prices.rates import dollars
from app.services.planning.planning import CheckedPlan
from app.services.planning.pricing import CountedLane, LanePrice
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import field, note, scrolls, typed
from app.ui.base.plan_state import PlanState
from app.ui.base.state import State
from app.ui.plan.actions import TypeOutput
from app.ui.plan.counting_view import counting
from app.ui.provider.prices_view import model_prices


def price(state: State, here: PlanState, checked: CheckedPlan) -> Node:
    """The card. The practice provider bills nothing: what the same costs at OpenAI is shown."""
    if not here.prices:
        return NOTHING
    practice = checked.order.profile.practice
    total = _total(here.prices)
    return section(
        at("card", aria_label="Price"),
        header({}, h2({}, "Price"), span(at("dim end"), f"Free here; at OpenAI {total[0].lower()}{total[1:]}" if practice else total)),
        div(
            at("pad stack"),
            p({}, "The practice provider bills nothing. These are the prices of the same requests at OpenAI.") if practice else NOTHING,
            _unpriced(here.prices),
            scrolls("Prices", _table(here.prices)),
            _own(state, here, checked),
            _output(here),
            [p(at("dim"), one) for one in _how(checked.counted)],
            counting(here, checked),
            p(
                at("dim"),
                f"Prices of {rates.DATE} ({rates.SOURCE}), without taxes. Cached prompts and long reasoning change what is billed.",
            ),
        ),
    )


def _known(costs: list[int | None]) -> int | None:
    """Their sum; None where one is not known."""
    known = [one for one in costs if one is not None]
    return sum(known) if len(known) == len(costs) else None


def _total(prices: tuple[LanePrice, ...]) -> str:
    batch, saving = _known([one.batch.cost for one in prices]), _known([one.batch.saving for one in prices])
    if batch is None:
        return "No batch price is known"
    return f"{dollars(batch)} in batches" + (f", {dollars(saving)} less than answered at once" if saving else "")


def _unpriced(prices: tuple[LanePrice, ...]) -> Node:
    missing = list(dict.fromkeys(one.model or "no model" for one in prices if one.batch.cost is None))
    if not missing:
        return NOTHING
    return note(
        "",
        "No batch price is known.",
        f"For {', '.join(text.head(one, 60) for one in missing[:5])}{' and others' if len(missing) > 5 else ''} none is published that "
        "Nightshift has. Half the synchronous price is not assumed: check the provider's pricing page, and enter your own price below.",
    )


def _table(prices: tuple[LanePrice, ...]) -> Node:
    heads = ("Requests", "Input tokens", "In a batch", "Each", "At once", "Saving")
    several = any(one.tag for one in prices)
    return table(
        at("table"),
        thead({}, tr({}, th({}, "Variant") if several else NOTHING, th({}, "Model"), [th(at("num"), one) for one in heads])),
        tbody({}, [_line(one, several=several) for one in prices], _sum(prices, several=several) if len(prices) > 1 else NOTHING),
    )


def _sum(prices: tuple[LanePrice, ...], *, several: bool) -> Node:
    """All of them together."""
    batch, standard, saving = (
        _known(costs)
        for costs in ([one.batch.cost for one in prices], [one.standard.cost for one in prices], [one.batch.saving for one in prices])
    )
    rows = sum(one.batch.rows for one in prices)
    about = "" if all(one.batch.exact and one.by == "exact" for one in prices) else "about "
    return tr(
        {},
        td({}, "") if several else NOTHING,
        td({}, "All"),
        td(at("num"), text.number(rows)),
        td(at("num"), f"{about}{text.number(sum(one.batch.input_tokens for one in prices))}"),
        td(at("num"), _sure(batch)),
        td(at("num"), _sure(None if batch is None else batch // max(1, rows))),
        td(at("num"), _sure(standard)),
        td(at("num"), _sure(saving)),
    )


def _sure(cost: int | None) -> str:
    return "not known" if cost is None else dollars(cost)


def _line(one: LanePrice, *, several: bool) -> Node:
    batch = one.batch
    return tr(
        {},
        td(at("mono"), text.head(one.tag, 60)) if several else NOTHING,
        td(at("mono"), one.model or "no model", span(at("dim"), " your price") if one.own else NOTHING),
        td(at("num"), text.number(batch.rows)),
        td(at("num"), f"{'' if batch.exact and one.by == 'exact' else 'about '}{text.number(batch.input_tokens)}", _margin(batch)),
        td(at("num"), _money(batch)),
        td(at("num"), _sure(batch.cost // batch.rows if batch.cost is not None and batch.rows else None)),
        td(at("num"), _money(one.standard)),
        td(at("num"), _sure(batch.saving)),
    )


def _own(state: State, here: PlanState, checked: CheckedPlan) -> Node:
    """What the person knows better."""
    profile = checked.order.profile
    models = () if profile.practice else tuple(dict.fromkeys(one.model for one in here.prices if one.model))
    return [model_prices(state, profile, one, f"plan-price-{n}") for n, one in enumerate(models[:20])]


def _margin(one: CostEstimate) -> str:
    return f" ± {text.number(one.input_error)}" if one.input_error else ""


def _money(one: CostEstimate) -> str:
    if one.cost is None:
        return "not known"
    margin = dollars(one.error) if one.error else ""
    return dollars(one.cost) + (f" ± {margin}" if margin and not margin.startswith("less") else "")


def _output(here: PlanState) -> Node:
    assumed = here.prices[0].batch.output
    hint = {
        "assumed": "Assumed. Type another figure, or try some rows to learn it.",
        "most": "The maximum that the prompt allows.",
        "learnt": f"Learnt from {text.count(assumed.answers, 'answer')}.",
    }[assumed.source]
    if any(one.batch.output != assumed for one in here.prices):
        least, most = (pick(one.batch.output.tokens for one in here.prices) for pick in (min, max))
        ends = f"From {text.decimal(least, 0)} to {text.decimal(most, 0)}"
        hint = f"{ends}: each has its own, assumed or learnt from the answers that were tried."
    wrong = bool(here.output) and text.whole_number(here.output, 0, 1_000_000) is None
    return field(
        "plan-output",
        "Tokens per answer",
        typed("plan-output", here.output, TypeOutput(), inputmode="numeric", placeholder=f"{assumed.tokens:.0f}"),
        hint=hint,
        faults=["Write a whole number up to 1,000,000, or leave it empty."] if wrong else [],
    )


def _how(counted: tuple[CountedLane, ...]) -> list[str]:
    """How the tokens were counted, model by model where it differs."""
    found: list[str] = []
    for one in counted[:5]:
        of = f"{text.head(one.model, 60) or 'no model'}: "
        share = "every request" if one.counted >= one.requests else f"{text.number(one.counted)} of {text.number(one.requests)} requests"
        match one.by:
            case "exact":
                found.append(f"{of}tokens counted in {share}.")
            case "estimated":
                found.append(f"{of}estimated with OpenAI's newest encoding in {share}, as this model's own is not published.")
            case "bytes":
                found.append(f"{of}estimated by bytes, one token for 4. {one.why}")
    return list(dict.fromkeys(found))
