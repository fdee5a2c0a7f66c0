"""Drawing and events: static/js/page.mjs on an empty page of the site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page

from tests.browser.blank import open_blank
from tests.kit.browser import choose_files
from tests.states.reading import PIXEL


class Drawn:
    """A page with the script at work, and what it told."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def patch(self, html: str, title: str | None = None) -> None:
        self.page.evaluate("([html, title]) => ui.patch(html, title ?? undefined)", [html, title])

    def heard(self) -> list[dict[str, Any]]:
        """Everything told since the last look, once at least one thing was."""
        self.page.wait_for_function("() => globalThis.heard.length > 0")
        return self.told()

    def told(self) -> list[dict[str, Any]]:
        """Everything told since the last look."""
        return [json.loads(text) for text in self.page.evaluate("() => heard.splice(0)")]

    def value(self, script: str) -> Any:
        return self.page.evaluate(script)


@pytest.fixture
def drawn(context: BrowserContext, site: str) -> Drawn:
    """An empty page with drawing and listening set up."""
    page = open_blank(context, site)
    page.evaluate(
        """async () => {
          globalThis.ui = await import('/static/js/page.mjs');
          globalThis.heard = [];
          ui.listen((text) => heard.push(text));
        }"""
    )
    return Drawn(page)


ACTION = {"type": "Do", "text": "\"<'&é", "big": 9007199254740993}
ATTRIBUTE = json.dumps(ACTION).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


# --- drawing ---------------------------------------------------------------------------------------------------------------------


def test_patch_draws_what_the_view_says(drawn: Drawn) -> None:
    """The content becomes the markup, and elements that stay are the same elements."""
    drawn.patch("<p id=a>one</p><p id=b>two</p>", "first")
    drawn.value("() => { globalThis.kept = document.querySelector('#b'); }")
    drawn.patch("<h1>new</h1><p id=b class=x>three</p>", "second")
    assert drawn.value("() => document.querySelector('#app').innerHTML") == '<h1>new</h1><p id="b" class="x">three</p>'
    assert drawn.value("() => kept === document.querySelector('#b')")
    assert drawn.page.title() == "second"


def test_markup_may_speak_of_documents(drawn: Drawn) -> None:
    """Text that names html, head and body elements stays text."""
    drawn.patch(
        "<p>&lt;/body&gt; &lt;/html&gt;</p><textarea id=t>\n</body></html></textarea><table><tbody><tr><td>x</td></tr></tbody></table>"
    )
    assert drawn.value("() => document.querySelector('#t').value") == "</body></html>"
    assert drawn.value("() => document.querySelectorAll('#app td').length") == 1


def test_field_in_use_is_left_alone(drawn: Drawn) -> None:
    """What is being typed, its selection and the focus survive a patch that knows an older value; other fields follow the view."""
    drawn.patch('<input id=a value="1"><textarea id=b>1</textarea><input id=c value="1"><input id=n type=number value="1">')
    for field in ("#a", "#b", "#n"):
        drawn.page.fill(field, "1234")
        drawn.page.focus(field)
        if field != "#n":
            drawn.value(f"() => document.querySelector('{field}').setSelectionRange(1, 3)")
        drawn.patch(
            '<p>more</p><input id=a value="12"><textarea id=b>12</textarea><input id=c value="2"><input id=n type=number value="2">'
        )
        assert drawn.value("() => document.activeElement.id") == field[1:]
        assert drawn.page.input_value(field) == "1234"
        if field != "#n":
            assert drawn.value("() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]") == [1, 3]
        assert drawn.page.input_value("#c") == "2"
        drawn.patch('<input id=a value="1"><textarea id=b>1</textarea><input id=c value="1"><input id=n type=number value="1">')


def test_field_follows_once_it_is_left(drawn: Drawn) -> None:
    """A field that lost the focus shows what the view says."""
    drawn.patch('<input id=a value="1"><button id=x>x</button>')
    drawn.page.fill("#a", "typed")
    drawn.page.focus("#x")
    drawn.patch('<input id=a value="1"><button id=x>x</button>')
    assert drawn.page.input_value("#a") == "1"


def test_value_rev_overrides_typing(drawn: Drawn) -> None:
    """A changed data-value-rev sets the field even while it is in use."""
    drawn.patch('<textarea id=a data-value-rev="1">x</textarea><input id=b data-value-rev="1" value="x">')
    for field in ("#a", "#b"):
        drawn.page.fill(field, "typed")
        drawn.page.focus(field)
        drawn.patch('<textarea id=a data-value-rev="1"></textarea><input id=b data-value-rev="1" value="">')
        assert drawn.page.input_value(field) == "typed"
        drawn.patch('<textarea id=a data-value-rev="2"></textarea><input id=b data-value-rev="2" value="">')
        assert drawn.page.input_value(field) == ""
        assert drawn.value("() => document.activeElement.id") == field[1:]
        drawn.patch('<textarea id=a data-value-rev="1">x</textarea><input id=b data-value-rev="1" value="x">')


def test_element_in_use_is_still_drawn(drawn: Drawn) -> None:
    """A button or a scroller that has the focus keeps it and shows its new content."""
    drawn.patch("<button id=a>Pause</button><div id=b tabindex=0><p>1</p></div><input id=c type=checkbox>")
    for element in ("a", "b", "c"):
        drawn.page.focus(f"#{element}")
        drawn.patch(
            f"<p>{element}</p><button id=a>Go {element}</button><div id=b tabindex=0><p>2{element}</p></div>"
            "<input id=c type=checkbox checked>"
        )
        assert drawn.value("() => document.activeElement.id") == element
        assert drawn.page.inner_text("#a") == f"Go {element}"
        assert drawn.page.inner_text("#b") == f"2{element}"
        assert drawn.page.is_checked("#c")


def test_details_stay_as_the_person_left_them(drawn: Drawn) -> None:
    """A view does not open or close what a person has closed or opened."""
    drawn.patch("<details id=a><summary>a</summary>x</details><details id=b open><summary>b</summary>x</details>")
    assert drawn.value("() => [...document.querySelectorAll('details')].map((d) => d.open)") == [False, True]
    drawn.page.click("#a summary")
    drawn.page.click("#b summary")
    drawn.patch("<details id=a><summary>a2</summary>x</details><details id=b open><summary>b2</summary>x</details>")
    assert drawn.value("() => [...document.querySelectorAll('details')].map((d) => d.open)") == [True, False]


def test_scroll_positions_stay(drawn: Drawn) -> None:
    """A scroller stays where it is, whatever is drawn around it."""
    tall = "<pre>" + "\n" * 500 + "</pre>"
    box = f'<div id=s data-var-h="100px">{tall}</div>'
    drawn.value(
        "() => { const s = new CSSStyleSheet(); s.replaceSync('#s { height: var(--h); overflow: auto }');"
        " document.adoptedStyleSheets = [s]; }"
    )
    drawn.patch(box)
    drawn.value("() => { document.querySelector('#s').scrollTop = 300; }")
    drawn.patch("<p>x</p>" + box)
    assert drawn.value("() => document.querySelector('#s').scrollTop") == 300


def test_vars_become_custom_properties(drawn: Drawn) -> None:
    """data-var-NAME sets --NAME, also deep in new elements; it changes with the view and goes with it."""
    read = "(selector) => getComputedStyle(document.querySelector(selector)).getPropertyValue('--w')"
    drawn.patch('<div id=a data-var-w="10%"><i id=b data-var-w="20%"></i></div>')
    assert [drawn.page.evaluate(read, selector) for selector in ("#a", "#b")] == ["10%", "20%"]
    drawn.patch('<div id=a data-var-w="11%"><i id=b></i><u id=c><b id=d data-var-w="5px"></b></u></div>')
    assert [drawn.page.evaluate(read, selector) for selector in ("#a", "#b", "#d")] == ["11%", "11%", "5px"]
    drawn.patch("<div id=a><i id=b></i></div>")
    assert drawn.page.evaluate(read, "#a") == ""


def test_autofocus_is_obeyed_once(drawn: Drawn) -> None:
    """data-autofocus takes the focus when it appears and when its value changes, not at every patch."""
    drawn.patch("<input id=a><input id=b data-autofocus>")
    assert drawn.value("() => document.activeElement.id") == "b"
    drawn.page.focus("#a")
    drawn.patch("<input id=a><input id=b data-autofocus>")
    assert drawn.value("() => document.activeElement.id") == "a"
    drawn.patch("<input id=a><input id=b data-autofocus=2>")
    assert drawn.value("() => document.activeElement.id") == "b"
    drawn.page.focus("#a")
    drawn.patch("<input id=a><input id=b>")
    drawn.patch("<input id=a><input id=b data-autofocus=2>")
    assert drawn.value("() => document.activeElement.id") == "b"


def test_focus_goes_to_another_view(drawn: Drawn) -> None:
    """A view that counts one more move takes the focus from the link that led to it; a field inside it that asks for the focus has it."""
    page = "<nav><a id=l href='#/x'>x</a></nav><main id=main tabindex=-1 data-autofocus={n}><input id=f{more}></main>"
    drawn.patch(page.format(n=1, more=""))
    drawn.page.focus("#l")
    drawn.patch(page.format(n=2, more=""))
    assert drawn.value("() => document.activeElement.id") == "main"
    drawn.page.focus("#f")
    drawn.patch(page.format(n=2, more=""))
    assert drawn.value("() => document.activeElement.id") == "f"
    drawn.page.focus("#l")
    drawn.patch(page.format(n=3, more=" data-autofocus"))
    assert drawn.value("() => document.activeElement.id") == "f"


def test_what_vanishes_hands_the_focus_on(drawn: Drawn) -> None:
    """To the same button of the next row, else of the row before; without any row to what stands around them, else to the view. What was
    disabled while it worked has it back."""
    tools = "<i><a href='#x'>name</a></i><span><button>Edit</button><button aria-label=Delete id=d{n}>x</button></span>"
    row = "<li id=r{n}>" + tools + "</li>"
    page = "<nav><a href='#y'>y</a></nav><main id=main tabindex=-1><h1>View</h1>{body}</main>"

    def rows(*numbers: int, more: str = "") -> str:
        return page.format(body="<section>" + "".join(row.format(n=n) for n in numbers) + more + "</section>")

    def has_it() -> str:
        return str(drawn.value("() => document.activeElement.id || document.activeElement.localName"))

    drawn.patch(rows(1, 2, 3, 4))
    drawn.page.focus("#d2")
    for left, heir in (((1, 3, 4), "d3"), ((1, 4), "d4"), ((1,), "d1")):
        drawn.patch(rows(*left))
        assert has_it() == heir
    drawn.patch(rows(more="<button id=add>Add</button>"))
    assert has_it() == "add"
    drawn.patch(rows())
    assert has_it() == "main"
    busy = page.format(body="<button id=go{}>Go</button><button id=b>b</button>")
    drawn.patch(busy.format(""))
    drawn.page.focus("#go")
    drawn.patch(busy.format(" disabled"))
    drawn.value("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    drawn.patch(busy.format(" disabled title=t"))
    drawn.patch(busy.format(""))
    assert has_it() == "go"
    drawn.patch(busy.format(" disabled"))
    drawn.patch(page.format(body="<button id=b>b</button>"))
    assert has_it() == "b"


def test_focus_is_sent_to_what_comes(drawn: Drawn) -> None:
    """data-focus names an element: it takes the focus once, with the drawing that has it, also from a view that has just been opened."""
    page = "<main id=main tabindex=-1 data-autofocus={n} data-focus='{to}'>{body}</main>"
    field = "<input id=a><textarea id=b></textarea>"
    drawn.patch(page.format(n=1, to="b 1", body=""))
    assert drawn.value("() => document.activeElement.id") == "main"
    drawn.patch(page.format(n=2, to="b 1", body=field))
    assert drawn.value("() => document.activeElement.id") == "b"
    drawn.page.focus("#a")
    drawn.patch(page.format(n=2, to="b 1", body=field + "<p>x</p>"))
    assert drawn.value("() => document.activeElement.id") == "a"
    drawn.patch(page.format(n=2, to="b 2", body=field))
    assert drawn.value("() => document.activeElement.id") == "b"


def test_focus_goes_to_the_heading_of_a_view(drawn: Drawn) -> None:
    """From the link, and from the heading of the view before, which may be the same element; it stays there while the view is drawn on,
    also where another heading takes its place, and a view without one takes it itself."""
    page = "<nav><a id=l href='#/x'>x</a></nav><main id=main tabindex=-1 data-autofocus={n}>{head}<input id=f></main>"
    at = "() => document.activeElement.innerText || document.activeElement.id"
    drawn.patch(page.format(n=1, head="<h1>One</h1>"))
    drawn.page.focus("#l")
    drawn.patch(page.format(n=2, head="<h1>Two</h1>"))
    assert drawn.value(at) == "Two"
    drawn.page.evaluate("() => { globalThis.told = []; addEventListener('focusin', (e) => told.push(e.target.innerText)); }")
    drawn.patch(page.format(n=3, head="<h1>Three</h1>"))
    assert drawn.value("() => told.at(-1)") == "Three"
    drawn.patch(page.format(n=3, head="<div><p>p</p><h1 class=a>Reading</h1></div>"))
    assert drawn.value(at) == "Reading"
    drawn.page.focus("#f")
    drawn.patch(page.format(n=3, head="<h1>Three</h1>"))
    assert drawn.value(at) == "f"
    drawn.patch(page.format(n=4, head=""))
    assert drawn.value(at) == "main"


def test_the_tabs_icon_has_a_sign(drawn: Drawn) -> None:
    """That something runs or needs the person, without a request; and the page's own again."""
    icon = "() => document.querySelector('link[rel~=icon]')?.href ?? ''"
    drawn.page.evaluate("() => document.head.append(Object.assign(document.createElement('link'), { rel: 'icon', href: 'data:,own' }))")
    seen = [drawn.page.evaluate(f"(mark) => {{ ui.markTab(mark); return ({icon})(); }}", mark) for mark in ("runs", "needs", "")]
    assert [one.partition(",")[0] for one in seen] == ["data:image/svg+xml", "data:image/svg+xml", "data:"]
    assert len(set(seen)) == 3


@pytest.mark.parametrize("way", ["Tab", "press"])
def test_late_focus_takes_it_from_nobody_who_went_on(drawn: Drawn, way: str) -> None:
    """A view is drawn a moment after its link was followed. Who went to another element meanwhile stays there, also with the caret.

    Who went to one that the view does not have, or does the next thing, goes to what that asks for.
    """
    page = (
        "<nav><a id=l href='#/{n}'>x</a><input id=a><button id=b data-click=1>y</button></nav>"
        "<main id=main tabindex=-1 data-autofocus={n}><input id=c{n} data-caret={n} data-value-rev={n} value=text></main>"
    )
    drawn.patch(page.format(n=1))

    def follow() -> None:
        drawn.page.focus("#l")
        drawn.page.keyboard.press("Enter")
        assert drawn.heard()[-1]["notice"] == "route"

    def go(to: str) -> None:
        if way == "press":
            drawn.page.click(to)
        for _ in range(5):
            if drawn.value(f"() => document.activeElement.matches('{to}')"):
                return
            drawn.page.keyboard.press("Tab")

    follow()
    go("#a")
    drawn.patch(page.format(n=2))
    assert drawn.value("() => document.activeElement.id") == "a"
    drawn.patch(page.format(n=2).replace("-rev=2", "-rev=3"))
    assert drawn.value("() => document.activeElement.id") == "a"
    follow()
    go("#c2")
    drawn.patch(page.format(n=4))
    assert drawn.value("() => document.activeElement.id") == "main"
    go("#b")
    drawn.page.keyboard.press("Enter")
    assert drawn.heard()[-1]["action"] == 1
    drawn.patch(page.format(n=5))
    assert drawn.value("() => document.activeElement.id") == "main"


def test_dialog_opened_again_at_once_stays(drawn: Drawn) -> None:
    """The late close event of a dialog that a patch closed does not close the one that the next patch opened."""
    page = "<dialog id=d data-close='\"closed\"'{open}><button id=y data-click='1'>y</button></dialog>"
    drawn.page.evaluate(
        "(texts) => { for (const text of texts) ui.patch(text); }", [page.format(open=one) for one in (" data-open", "", " data-open")]
    )
    drawn.page.click("#y")
    assert [event["action"] for event in drawn.heard()] == [1]


def test_a_patch_does_not_open_what_a_person_has_just_closed(drawn: Drawn) -> None:
    """A view that is drawn between Escape and its event does not bring the dialog back; one that is drawn after the program has heard of it
    and kept it does."""
    page = "<dialog id=d data-open data-close='\"closed\"'><button>{n}</button></dialog>"
    drawn.patch(page.format(n=1))
    drawn.page.evaluate("(text) => { document.querySelector('#d').close(); ui.patch(text); }", page.format(n=2))
    assert drawn.value("() => document.querySelector('#d').open") is False
    assert [event["action"] for event in drawn.heard()] == ["closed"]
    drawn.patch(page.format(n=3))
    assert drawn.value("() => document.querySelector('#d').matches(':modal')")


def test_dialog_is_modal_while_the_view_says_so(drawn: Drawn) -> None:
    """data-open shows the dialog as a modal and its end closes it, without telling the program; the focus goes back."""
    page = "<button id=x data-click='1'>x</button><dialog id=d data-close='\"closed\"'{open}><button id=y>y</button></dialog>"
    drawn.patch(page.format(open=""))
    drawn.page.focus("#x")
    drawn.patch(page.format(open=" data-open"))
    assert drawn.value("() => document.querySelector('#d').matches(':modal')")
    drawn.patch(page.format(open=" data-open"))
    assert drawn.value("() => document.querySelector('#d').matches(':modal')")
    drawn.patch(page.format(open=""))
    assert not drawn.value("() => document.querySelector('#d').open")
    assert drawn.value("() => document.activeElement.id") == "x"
    drawn.patch(page.format(open=" data-open"))
    drawn.patch("<button id=x data-click='1'>x</button>")
    assert drawn.value("() => document.activeElement.id") == "x"
    drawn.page.click("#x")
    assert [event["action"] for event in drawn.heard()] == [1]


def test_focus_goes_near_what_opened_the_dialog_where_that_is_gone(drawn: Drawn) -> None:
    """Gone while the dialog stood there, or with it."""
    page = "<main><h1>t</h1><button id=first>f</button><p>{rows}</p></main>{dialog}"
    row, dialog = "<button id={0}>x</button>", "<dialog id=d data-open><button id=y data-autofocus>y</button></dialog>"
    both, one = row.format("a") + row.format("b"), row.format("b")
    for between in (both, one):
        drawn.patch(page.format(rows=both, dialog=""))
        drawn.page.focus("#a")
        drawn.patch(page.format(rows=both, dialog=dialog))
        assert drawn.value("() => document.activeElement.id") == "y"
        drawn.patch(page.format(rows=between, dialog=dialog))
        drawn.patch(page.format(rows=one, dialog=""))
        assert drawn.value("() => document.activeElement.id") == "b"


def test_dialog_shown_again_focuses_again(drawn: Drawn) -> None:
    """Each time a dialog is shown, its data-autofocus is obeyed anew."""
    page = "<dialog id=d{open}><button>x</button><input id=a data-autofocus></dialog>"
    for _ in range(2):
        drawn.patch(page.format(open=" data-open"))
        assert drawn.value("() => document.activeElement.id") == "a"
        drawn.patch(page.format(open=""))


def test_escape_closes_a_dialog_through_the_program(drawn: Drawn) -> None:
    """A dialog that the person closes tells its data-close action."""
    drawn.patch('<dialog id=d data-open data-close=\'{"type":"Close"}\'><button>y</button></dialog>')
    drawn.page.keyboard.press("Escape")
    assert drawn.heard() == [{"action": {"type": "Close"}, "value": None, "extra": {}}]


# --- events ----------------------------------------------------------------------------------------------------------------------


def test_click_hands_over_the_action(drawn: Drawn) -> None:
    """A click anywhere in the element tells its action, exactly as written, and the modifiers."""
    drawn.patch(f'<div data-click="{ATTRIBUTE}"><b id=x>x</b></div>')
    drawn.page.click("#x", modifiers=["Shift"])
    assert drawn.heard() == [{"action": ACTION, "value": None, "extra": {"ctrl": False, "alt": False, "shift": True}}]


def test_a_double_click_means_what_was_there_before_the_first(drawn: Drawn) -> None:
    """The first click may bring another view with another button under the pointer: the second is not for that one."""
    drawn.patch("<button id=x data-click='1'>submit</button>")
    drawn.page.evaluate(
        "() => document.addEventListener('click', () => ui.patch('<button id=x data-click=2>cancel</button>'), { once: true })"
    )
    drawn.page.dblclick("#x")
    drawn.page.click("#x")
    assert [event["action"] for event in drawn.heard()] == [1, 2]


def test_a_double_click_on_one_thing_counts_twice(drawn: Drawn) -> None:
    """Who steps on quickly wants every step."""
    drawn.patch("<button id=x data-click='1'>next</button>")
    drawn.page.dblclick("#x")
    assert [event["action"] for event in drawn.heard()] == [1, 1]


def test_inner_action_wins(drawn: Drawn) -> None:
    """Of nested elements the innermost speaks."""
    drawn.patch("<div data-click='1'><button id=x data-click='2' value=v>x</button></div>")
    drawn.page.click("#x")
    assert [(event["action"], event["value"]) for event in drawn.heard()] == [(2, "v")]


@pytest.mark.parametrize("attributes", ["disabled", 'aria-disabled="true"'])
def test_disabled_elements_do_nothing(drawn: Drawn, attributes: str) -> None:
    """What is disabled, in either way, tells nothing."""
    drawn.patch(f"<button id=x data-click='1' data-key='{{\"a\":3}}' {attributes}>x</button><button id=y data-click='2'>y</button>")
    drawn.page.click("#x", force=True)
    drawn.value("() => document.querySelector('#x').focus()")
    drawn.page.keyboard.press("a")
    drawn.page.click("#y")
    assert [event["action"] for event in drawn.heard()] == [2]


def test_fields_tell_their_values(drawn: Drawn) -> None:
    """Input and change tell the field's value: text, checked, chosen."""
    drawn.patch(
        "<input id=a data-input='1' data-change='2'><input id=b type=checkbox data-change='3'>"
        "<select id=c data-change='4'><option value=x>x</option><option value=y>y</option></select>"
        "<textarea id=d data-input='5'></textarea><div data-change='6'><label><input id=e type=radio name=r value=one>one</label></div>"
    )
    drawn.page.fill("#a", "é")
    drawn.page.check("#b")
    drawn.page.select_option("#c", "y")
    drawn.page.fill("#d", "line")
    drawn.page.check("#e")
    told = [(event["action"], event["value"]) for event in drawn.heard()]
    assert told == [(1, "é"), (2, "é"), (3, True), (4, "y"), (5, "line"), (6, "one")]


def test_keys_by_combination(drawn: Drawn) -> None:
    """Key combinations tell the nearest element's action that knows them; others stay the browser's."""
    drawn.patch('<div data-key=\'{"Escape":1,"Alt+ArrowUp":2,"x":3}\'><input id=a data-key=\'{"Ctrl+Enter":4,"Shift+Tab":5}\'></div>')
    drawn.page.focus("#a")
    for keys in ("Escape", "Alt+ArrowUp", "Control+Enter", "ArrowUp", "x", "Shift+Tab"):
        drawn.page.keyboard.press(keys)
    told = drawn.heard()
    assert [event["action"] for event in told] == [1, 2, 4, 5]
    assert [event["extra"]["key"] for event in told] == ["Escape", "Alt+ArrowUp", "Ctrl+Enter", "Shift+Tab"]
    assert drawn.page.input_value("#a") == "x"


def test_scrolling_is_told_once_a_frame(drawn: Drawn) -> None:
    """A scroller tells its measures when it appears, and its position once for many scroll events."""
    drawn.value(
        "() => { const s = new CSSStyleSheet(); s.replaceSync('#s { height: 100px; overflow: auto }'); document.adoptedStyleSheets = [s]; }"
    )
    drawn.patch("<div id=s data-scroll='1'><pre>" + "\n" * 500 + "</pre></div>")
    (first,) = drawn.heard()
    assert first["action"] == 1
    assert first["extra"]["clientHeight"] == 100
    assert first["extra"]["scrollTop"] == 0
    assert first["extra"]["scrollHeight"] > 1000
    drawn.value(
        """async () => {
          const s = document.querySelector('#s');
          for (let top = 10; top <= 200; top += 10) { s.scrollTop = top; s.dispatchEvent(new Event('scroll')); }
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        }"""
    )
    told = drawn.heard()
    assert told[-1]["extra"]["scrollTop"] == 200
    assert len(told) <= 2


def test_nothing_is_lost_before_listening(context: BrowserContext, site: str) -> None:
    """What is told while nobody listens yet comes first when somebody does: a scroller's size is told once only."""
    page = open_blank(context, site)
    heard = page.evaluate(
        """async () => {
          const ui = await import('/static/js/page.mjs');
          ui.patch("<div data-scroll='1'>x</div>");
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))));
          const heard = [];
          ui.listen((text) => heard.push(JSON.parse(text).action));
          return heard;
        }"""
    )
    assert heard == [1]


def test_large_file_stays_in_the_browser(drawn: Drawn) -> None:
    """Where the element says so, Python hears a file's name, size and token, and the file itself can be had by the token; only the last few
    are kept."""
    drawn.patch(f'<input id=f type=file data-read=blob data-change="{ATTRIBUTE}">')
    tokens = []
    for n in range(5):
        drawn.page.set_input_files("#f", FilePayload(name=f"{n}.nightshift", mimeType="text/x", buffer=b"x" * n))
        (event,) = drawn.heard()
        (file,) = event["value"]
        tokens.append(file.pop("token"))
        assert file == {"name": f"{n}.nightshift", "type": "text/x", "size": n}
    found = drawn.page.evaluate("(tokens) => Promise.all(tokens.map((one) => ui.picked(one)?.text() ?? null))", tokens)
    assert found == [None, "x", "xx", "xxx", "xxxx"]


def test_chosen_files_are_read(drawn: Drawn) -> None:
    """Chosen files come with their content, images as data: URL, others as text; too large ones only with their name."""
    drawn.patch("<input id=f type=file multiple data-change='1' data-max-bytes=10>")
    given = [("a.png", "image/png", b"\x89PNG"), ("b.jsonl", "application/jsonl", "é\n".encode()), ("c.txt", "text/plain", bytes(11))]
    files: list[FilePayload] = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in given]
    drawn.page.set_input_files("#f", files)
    (told,) = drawn.heard()
    assert told["value"] == [
        {"name": "a.png", "type": "image/png", "size": 4, "data": "data:image/png;base64,iVBORw=="},
        {"name": "b.jsonl", "type": "application/jsonl", "size": 3, "data": "é\n"},
        {"name": "c.txt", "type": "text/plain", "size": 11, "error": "too_big"},
    ]


def test_a_file_is_chosen_by_a_key_while_the_page_is_busy(drawn: Drawn, tmp_path: Path) -> None:
    """The window for files opens for a key as soon as the page has time, and what is chosen there comes."""
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    drawn.patch("<input id=f type=file data-change='1'>")
    drawn.page.focus("#f")
    drawn.value("() => { setTimeout(() => { for (const until = performance.now() + 100; performance.now() < until; ); }); }")
    choose_files(drawn.page, lambda: drawn.page.keyboard.press("Enter"), tmp_path / "a.txt")
    assert [one["name"] for told in drawn.heard() for one in told["value"]] == ["a.txt"]


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_dropped_and_pasted_files_are_read(drawn: Drawn, kind: str) -> None:
    """Files that are dropped or pasted come like chosen ones; pasted text stays the browser's."""
    drawn.patch("<div id=z data-drop='1' data-paste='2'><textarea id=t></textarea></div>")
    drawn.page.evaluate(
        """(kind) => {
          const data = new DataTransfer();
          data.items.add(new File(['x'], 'x.txt', { type: 'text/plain' }));
          const options = { bubbles: true, cancelable: true };
          const event =
            kind === 'drop'
              ? new DragEvent('drop', { ...options, dataTransfer: data })
              : new ClipboardEvent('paste', { ...options, clipboardData: data });
          globalThis.prevented = !document.querySelector('#t').dispatchEvent(event);
        }""",
        kind,
    )
    (told,) = drawn.heard()
    assert told["action"] == {"drop": 1, "paste": 2}[kind]
    assert told["value"] == [{"name": "x.txt", "type": "text/plain", "size": 1, "data": "x"}]
    assert drawn.value("() => prevented")


DRAG = """([on, name, text]) => {
  const data = new DataTransfer();
  if (text === null) data.items.add(new File(['x'], 'x.txt', { type: 'text/plain' }));
  else data.setData('text/plain', text);
  const event = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data });
  const allowed = document.querySelector(on).dispatchEvent(event);
  return [allowed, document.documentElement.dataset.dragging ?? ''];
}"""


def test_files_may_be_dropped_anywhere(drawn: Drawn) -> None:
    """On what takes them, else on the page, which says so while they are over it; never on what stands behind a dialog, and they never
    navigate."""
    parts = "<p id=p>x</p><div id=z data-drop='2' data-read=blob></div>"
    drawn.patch(f"<main data-page-drop='1' data-read=blob>{parts}</main><dialog id=d><b id=b>x</b></dialog>")
    page = drawn.page
    assert page.evaluate(DRAG, ["#p", "dragover", None]) == [False, "page"]
    assert page.evaluate(DRAG, ["#z", "dragover", None]) == [False, "part"]
    page.wait_for_function("() => document.documentElement.dataset.dragging === undefined")  # nothing came after it: the files have left
    assert page.evaluate(DRAG, ["#z", "drop", None]) == [False, ""]
    assert page.evaluate(DRAG, ["#p", "drop", None]) == [False, ""]
    page.wait_for_function("() => globalThis.heard.length === 2")
    assert [told["action"] for told in drawn.told()] == [2, 1]
    assert page.evaluate(DRAG, ["#p", "dragover", "words"]) == [True, ""]
    page.evaluate("() => document.querySelector('#d').showModal()")
    assert page.evaluate(DRAG, ["#b", "dragover", None]) == [False, "nowhere"]
    assert page.evaluate(DRAG, ["#b", "drop", None]) == [False, ""]
    assert drawn.told() == []


def test_dragged_text_stays_the_browsers(drawn: Drawn) -> None:
    """Text that is dragged over files' place goes where the browser puts it, and tells nothing."""
    drawn.patch("<div data-drop='1'><textarea id=t></textarea></div>")
    prevented = drawn.value(
        """() => {
          const data = new DataTransfer();
          data.setData('text/plain', 'some words');
          return ['dragover', 'drop'].map(
            (name) => !document.querySelector('#t').dispatchEvent(
              new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data })));
        }"""
    )
    assert prevented == [False, False]
    assert drawn.told() == []


def test_notices(drawn: Drawn) -> None:
    """Routes and the network are told as notices."""
    drawn.value("() => ui.goTo('#/queue')")
    assert drawn.heard() == [{"notice": "route", "value": "#/queue"}]
    drawn.page.context.set_offline(True)
    assert drawn.heard() == [{"notice": "offline", "value": None}]
    drawn.page.context.set_offline(False)
    assert drawn.heard() == [{"notice": "online", "value": None}]


# --- the rest --------------------------------------------------------------------------------------------------------------------


def test_theme(drawn: Drawn) -> None:
    """A theme is set on the root, and unset for the system's."""
    drawn.value("() => ui.theme('dark')")
    assert drawn.value("() => document.documentElement.dataset.theme") == "dark"
    drawn.value("() => ui.theme('')")
    assert drawn.value("() => document.documentElement.dataset.theme ?? null") is None


def test_saving_hands_over_a_file(drawn: Drawn) -> None:
    """Bytes and blobs are downloaded under the name given, unchanged."""
    for script in ("new Uint8Array([104, 105])", "new Blob(['hi'])"):
        with drawn.page.expect_download() as download:
            drawn.value(f"() => ui.saveFile('é.jsonl', {script}, 'application/jsonl')")
        assert download.value.suggested_filename == "é.jsonl"
        assert download.value.path().read_bytes() == b"hi"


def test_a_picture_is_drawn_from_its_bytes(drawn: Drawn) -> None:
    """The page's policy lets it be drawn under the address that was made for it, which is given back afterwards."""
    drawn.page.evaluate("(data) => { globalThis.made = ui.showPicture(Uint8Array.fromBase64(data), 'image/png'); }", PIXEL)
    drawn.patch(f'<img id="made" alt="One dot" src="{drawn.value("() => made")}">')
    drawn.page.wait_for_function("() => document.querySelector('#made').naturalWidth === 1")
    drawn.value("() => ui.dropPicture(made)")


def test_copying_puts_text_on_the_clipboard(drawn: Drawn) -> None:
    """Text is copied by the clipboard, or by selection where the browser refuses that."""
    drawn.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    drawn.value("() => ui.copyText('one é')")
    assert drawn.value("() => navigator.clipboard.readText()") == "one é"
    drawn.value("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    drawn.patch("<button id=b>b</button>")
    drawn.page.focus("#b")
    drawn.value("() => ui.copyText('two')")
    assert drawn.value("() => navigator.clipboard.readText()") == "two"
    assert drawn.value("() => document.activeElement.id") == "b"


def test_allowing_hosts_counts_from_the_next_load(drawn: Drawn) -> None:
    """New hosts are kept for the next load; the answer says whether this load allows them already."""
    own = drawn.value("() => location.origin")
    allow = "(hosts) => ui.allowHosts(JSON.stringify(hosts))"
    assert drawn.page.evaluate(allow, [own, "https://api.openai.com"])
    assert not drawn.page.evaluate(allow, ["https://llm.example"])
    drawn.page.reload()
    assert json.loads(drawn.value("() => localStorage.getItem('nightshift:hosts')")) == ["https://llm.example"]
    drawn.value("async () => { globalThis.ui = await import('/static/js/page.mjs'); }")
    assert drawn.page.evaluate(allow, ["https://llm.example"])
