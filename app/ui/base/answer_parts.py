"""The parts of an answer as they are read: one piece of code for every place that shows an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simple_html import a, details, div, img, li, pre, span, summary, table, tbody, td, th, thead, tr, ul

from app.core.base import text
from app.core.results.answer_parts import AnswerPart, CategoryScore, Citation, TokenChance
from app.core.results.answers import Answer
from app.ui.base.json_tree import tree_of
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import few
from app.ui.base.prose import copy_button, outward, prose
from app.ui.base.state import State

_LISTED: Final = 200
"""Tokens of the table; the others are in the line of tokens."""
_STEPS: Final = (0.2, 0.5, 0.8, 0.95)
"""Probabilities between which tokens have another colour."""


def answer_parts(state: State, parts: Sequence[AnswerPart]) -> list[Node]:
    """All parts, each under its heading."""
    return few(parts, lambda _n, one: _part(state, one), "parts", "All of them are in the raw response.")


def in_short(state: State, answer: Answer) -> list[Node]:
    """What an answer of an unknown shape says, or one of which only this is known."""
    found: list[Node] = []
    if answer.reasoning:
        found.append(details({}, summary({}, "Reasoning"), prose(state, answer.reasoning, "reasoning", "dim")))
    if answer.text:
        inner = pre(at("code", tabindex="0"), long(answer.text, "answer")) if answer.format == "raw" else said(state, answer.text, "answer")
        found.append(_turn("Assistant", inner))
    if answer.refusal:
        found.append(_turn("Refusal", prose(state, answer.refusal, "refusal"), "bad"))
    return found + [_turn(f"Calls {text.shorten(call.name, 100)}", arguments(call.arguments, call.name)) for call in answer.tools]


def _part(state: State, one: AnswerPart) -> Node:
    number = f" {one.choice}" if one.choice else ""
    match one.kind:
        case "text":
            return _turn(f"Assistant{number}", [said(state, one.text, "answer"), _citations(one.citations), _tokens(one)])
        case "refusal":
            return _turn(f"Refusal{number}", prose(state, one.text, "refusal"), "bad")
        case "reasoning":
            return details({}, summary({}, f"Reasoning{number}"), prose(state, one.text, "reasoning", "dim"))
        case "call":
            return _turn(f"Calls {text.shorten(one.name, 100)}", arguments(one.text, one.name))
        case "image":
            return _turn(f"Image{number}", _image(state, one))
        case "audio":
            inner = prose(state, one.text, "transcript") if one.text else span(at("dim"), "There is no transcript of it.")
            return _turn(f"Audio{number}: what was said", inner)
        case "embedding":
            return _turn(f"Embedding{number}", _vector(one))
        case "moderation":
            return _turn(f"Moderation{number}: {one.text}", _scores(one.scores), "bad" if one.text == "flagged" else "assistant")


def _turn(title: str, inner: Node, kind: str = "assistant") -> Node:
    return div(at(f"turn {kind}"), span(at("who"), title), inner)


def said(state: State, words: str, name: str) -> Node:
    """A text of an answer: JSON as a tree, anything else as the person reads texts."""
    tree = tree_of(words)
    if tree is not None and state.preferences.reading == "text":
        return pre(at("code", tabindex="0"), long(words, name))
    return prose(state, words, name) if tree is None else [tree, div({}, copy_button(words, "Copy this JSON", "Copy JSON"))]


def arguments(words: str, name: str) -> Node:
    """What a tool is called with: a tree, or the text as it arrived where it is no JSON."""
    if not words.strip():
        return span(at("dim"), "without arguments")
    tree = tree_of(words)
    if tree is None:
        return [pre(at("code", tabindex="0"), long(words, name)), copy_button(words, "Copy the arguments")]
    return [tree, div({}, copy_button(words, "Copy the arguments"))]


def _citations(found: Sequence[Citation]) -> Node:
    if not found:
        return NOTHING
    return details(
        at(open=len(found) <= 5 or None),
        summary({}, f"{text.count(len(found), 'source')}"),
        ul(at("sources"), [li({}, _citation(one)) for one in found]),
    )


def _citation(one: Citation) -> Node:
    from app.core.results.markdown import host_of, is_link

    title = text.shorten(one.title or one.address, 200)
    if not is_link(one.address):
        return [title, span(at("dim"), f" {text.shorten(one.address, 200)}") if one.title and one.address else NOTHING]
    return [outward(one.address, title), span(at("dim"), f" {host_of(one.address)}")]


# --- probabilities


def percent(chance: float) -> str:
    """A probability as people read it."""
    if 0.001 <= chance <= 0.999 or chance in (0.0, 1.0):
        return text.percent(100 * chance, 1)
    return f"< {text.percent(0.1, 1)}" if chance < 0.5 else f"> {text.percent(99.9, 1)}"


def _visible(token: str) -> str:
    return text.head(token, 80).replace("\n", "↵").replace("\t", "⇥") or "(nothing)"


def _tokens(one: AnswerPart) -> Node:
    if not one.tokens:
        return NOTHING
    more = f"; {text.number(one.more_tokens)} more are in the raw response" if one.more_tokens else ""
    return details(
        {},
        summary({}, f"Probabilities of {text.count(len(one.tokens), 'token')}{more}"),
        div(at("tokens", dir="auto"), [_token(each) for each in one.tokens]),
        div(
            at("scroll-x", role="group", aria_label="Probabilities as a table", tabindex="0"),
            table(
                {},
                thead({}, tr({}, [th({}, title) for title in ("Token", "Probability", "Alternatives")])),
                tbody({}, [_token_row(each) for each in one.tokens[:_LISTED]]),
            ),
        ),
        span(at("dim"), f"The table has the first {_LISTED}.") if len(one.tokens) > _LISTED else NOTHING,
    )


def _token(one: TokenChance) -> Node:
    step = sum(one.chance >= border for border in _STEPS)
    return span(at(f"token t{step}", title=f"{percent(one.chance)} {_visible(one.token)}"), text.head(one.token, 200))


def _token_row(one: TokenChance) -> Node:
    others = ", ".join(f"{_visible(token)} {percent(chance)}" for token, chance in one.others if token != one.token)
    return tr({}, td(at("mono"), _visible(one.token)), td(at("num"), percent(one.chance)), td({}, others))


# --- pictures, vectors, scores


_UNDRAWN: Final = "It cannot be shown here; its bytes are in the raw response."


def _image(state: State, one: AnswerPart) -> Node:
    from app.core.results.markdown import host_of, is_link

    revised = div(at("dim"), f"Drawn from: {text.shorten(one.text, 1_000)}") if one.text else NOTHING
    if one.data:
        address = state.reading.pictures.get(one.data)
        size = f"{one.name}, {text.size(len(one.data) * 3 // 4)}"
        if not address:
            return [span(at("dim"), f"{size}. {_UNDRAWN if address == '' else 'It is being drawn …'}"), revised]
        named = at(href=address, download=f"image.{one.name.rpartition('/')[2]}")
        drawn = img(at("picture", src=address, alt=one.text or "The image that came back"))
        return [drawn, span(at("dim"), f"{size} · ", a(named, "Save it")), revised]
    if is_link(one.address):
        title = f"Nothing is loaded from other hosts. Opening {one.address} tells that host that it was read."
        return [outward(one.address, f"Open it from {text.shorten(host_of(one.address), 100)}", title), revised]
    return [span(at("dim"), one.name or f"It has no address that can be opened: {text.shorten(one.address, 200)}"), revised]


def _vector(one: AnswerPart) -> Node:
    found = one.vector
    if found is None or not found.dimensions:
        return span({}, f"{text.number(round(found.length)) if found else 0} characters {one.text}".strip())
    first = ", ".join(f"{value:.6g}" for value in found.first)
    more = ", …" if found.dimensions > len(found.first) else ""
    return [
        span({}, f"{text.count(found.dimensions, 'dimension')}, length {text.decimal(found.length, 4)}"),
        pre(at("code"), f"{first}{more}"),
    ]


def _scores(found: Sequence[CategoryScore]) -> Node:
    if not found:
        return span(at("dim"), "It names no categories.")
    return div(
        at("scroll-x", role="group", aria_label="Categories and scores", tabindex="0"),
        table(
            {},
            thead({}, tr({}, [th({}, title) for title in ("Category", "Flagged", "Score")])),
            tbody({}, [_score(one) for one in found]),
        ),
    )


def _score(one: CategoryScore) -> Node:
    return tr(
        {},
        td({}, text.shorten(one.name, 100)),
        td({}, "⚑ flagged" if one.flagged else "no"),
        td(at("num"), "" if one.score is None else text.decimal(one.score, 4)),
    )
