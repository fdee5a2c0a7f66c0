"""Help: a page of the guide, the list of all pages, and what a search finds in them."""

from __future__ import annotations

from typing import Final

from simple_html import a, article, div, h1, h2, h3, header, input_, li, nav, p, section, span, ul

from app.core.help.guide import Guide, GuidePage, GuideSection
from app.core.help.search import MOST, search
from app.ui.base.help_links import address
from app.ui.base.markup import NOTHING, Attrs, Node, at
from app.ui.base.parts import command, note
from app.ui.base.prose import nodes
from app.ui.base.state import State
from app.ui.help.actions import ReadGuideAgain, TypeHelp

_PARTS: Final = {"guide": "Guide", "reference": "Reference"}
_LISTED: Final = 4
"""A page of more sections than this begins with a list of them."""


def help_room(state: State) -> Node:
    """The view."""
    here = state.help
    page = here.guide.page(state.route.id) if here.guide is not None else None
    return [
        header(
            {},
            div(
                {},
                p({}, a(at(href="#/help"), "Help")) if state.route.id else NOTHING,
                h1(_focus(state, page), page.title if page is not None and not here.words else "Help"),
            ),
            div(at("actions"), _search(here.words)),
        ),
        note("bad", "The guide could not be read.", here.fault, command(state, ReadGuideAgain(), "small")) if here.fault else NOTHING,
        _body(state, here.guide, page) if here.guide is not None else _reading(here.fault),
    ]


def _focus(state: State, page: GuidePage | None) -> Attrs:
    top = page is not None and state.moves and not (state.route.query and page.find(state.route.query))
    return at(tabindex="-1", data_autofocus=f"{state.moves}/top" if top else None)


def _search(words: str) -> Node:
    shown = at("input grow", id="help-words", type="search", value=words, input=TypeHelp(), placeholder="Search help")
    return input_({**shown, "aria-label": "Search help"})


def _reading(fault: str) -> Node:
    return NOTHING if fault else p(at("pad dim", role="status"), "Reading the guide …")


def _body(state: State, guide: Guide, page: GuidePage | None) -> Node:
    if state.help.words.strip():
        shown: Node = _found(guide, state.help.words)
    elif page is not None:
        shown = _page(state, page)
    else:
        gone = state.route.id != ""
        shown = [note("", "There is no such page.", "These are all of them.") if gone else NOTHING, _all(guide)]
    return div(at("help"), nav(at("help-pages", aria_label="Help pages"), _pages(state, guide)), shown)


def _pages(state: State, guide: Guide) -> list[Node]:
    return [
        div(
            {},
            h2({}, title),
            ul({}, [li({}, _link(one, current=state.route.id == one.name)) for one in guide.pages if one.part == part]),
        )
        for part, title in _PARTS.items()
    ]


def _link(page: GuidePage, *, current: bool = False) -> Node:
    return a(at(href=address(page.name), aria_current="page" if current else None), page.title)


def _all(guide: Guide) -> Node:
    """What each page is about: its first lines."""
    return article(
        at("card help-page"),
        ul(at("help-all"), [li({}, _link(one), span(at("dim"), one.sections[0].words)) for one in guide.pages]),
    )


def _page(state: State, page: GuidePage) -> Node:
    here = page.find(state.route.query)
    long = sum(one.level == 2 for one in page.sections) > _LISTED  # headings of the second level
    return article(
        at("card rendered help-page", aria_label=page.title),
        nodes(page.sections[0].nodes),
        _contents(page) if long else NOTHING,
        [_section(state, one, current=n == here) for n, one in enumerate(page.sections[1:], 1)],
    )


def _contents(page: GuidePage) -> Node:
    return nav(
        at("help-contents", aria_label="On this page"),
        ul({}, [li({}, a(at(href=address(page.name, one.anchor)), one.title)) for one in page.sections if one.level == 2]),
    )


def _section(state: State, one: GuideSection, *, current: bool) -> Node:
    heading = h2 if one.level == 2 else h3
    focus = f"{state.moves}/{one.anchor}" if current else None
    return [heading(at(id=f"help-{one.anchor}", tabindex="-1", data_autofocus=focus), one.title), nodes(one.nodes)]


def _found(guide: Guide, words: str) -> Node:
    found = search(guide, words)
    if not found:
        return section(at("card help-page"), p(at("dim", role="status"), "No page of the guide has all of these words."))
    more = "Only the first matches are listed." if len(found) == MOST else ""
    return section(
        at("card help-page", aria_label="Found"),
        p(at("dim", role="status"), f"{len(found)} {'place' if len(found) == 1 else 'places'}. {more}".strip()),
        ul(
            at("help-all"),
            [
                li(
                    {},
                    a(at(href=address(one.page.name, one.section.anchor)), one.section.title or one.page.title),
                    span(at("dim"), one.page.title, ": ", one.excerpt) if one.section.title else span(at("dim"), one.excerpt),
                )
                for one in found
            ],
        ),
    )
