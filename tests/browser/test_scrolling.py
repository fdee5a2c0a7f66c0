"""Lists longer than an element can be: static/js/scrolling.mjs with a million rows, the program's part played by a few lines of script."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.blank import open_blank

ROWS, ROW, HEIGHT = 1_000_000, 36, 540
_PROGRAM = """async ([total, row, height]) => {
  const ui = await import('/static/js/page.mjs');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`.window { height: ${height}px; overflow-y: auto; overflow-anchor: none; contain: strict }
    .space { height: calc(var(--h, 0) * 1px) } .line { height: ${row}px; overflow: hidden }`);
  document.adoptedStyleSheets = [sheet];
  globalThis.told = { scrollTop: 0, clientHeight: height };
  globalThis.total = total;
  globalThis.draw = () => {
    const first = Math.max(0, Math.floor(told.scrollTop / row) - 4);
    const last = Math.min(globalThis.total, Math.floor((told.scrollTop + told.clientHeight) / row) + 5);
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, n) =>
      `<div class="line" id="row-${first + n}"><button id="b-${first + n}">row ${first + n}</button></div>`);
    ui.patch(`<input id="goto" type="number" data-goto="list">
      <div class="window" id="list" tabindex="0" data-scroll="1" data-rows="${globalThis.total}" data-row="${row}" data-first="${first}">
      <div class="space" id="above"></div>${rows.join('')}<div class="space" id="below"></div></div>`);
  };
  ui.listen((text) => {
    const event = JSON.parse(text);
    if (event.action !== 1) return;
    globalThis.told = event.extra;
    globalThis.draw();
  });
  globalThis.draw();
  globalThis.seen = () => {
    const box = document.querySelector('#list').getBoundingClientRect();
    return [...document.querySelectorAll('.line')].filter((line) => {
      const { top, bottom } = line.getBoundingClientRect();
      return bottom > box.top + 1 && top < box.bottom - 1;
    }).map((line) => Number(line.id.slice(4)));
  };
  globalThis.quiet = async () => {
    for (let before = NaN, same = 0; same < 5; ) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const now = told.scrollTop + document.querySelector('#list').scrollTop;
      same = now === before ? same + 1 : 0;
      before = now;
    }
    return seen();
  };
}"""


class List:
    """The list as a person uses it. What is in sight is asked for when the list has come to rest."""

    def __init__(self, page: Page, rows: int = ROWS) -> None:
        self.page = page
        page.evaluate(_PROGRAM, [rows, ROW, HEIGHT])
        page.hover("#list")

    def seen(self) -> list[int]:
        """The rows in sight."""
        found: list[int] = self.page.evaluate("() => quiet()")
        return found

    def whole(self) -> list[int]:
        """The visible rows: they fill the list, and none is left out."""
        found = self.seen()
        assert len(found) in range(HEIGHT // ROW, HEIGHT // ROW + 2), found
        assert found == list(range(found[0], found[0] + len(found)))
        return found

    def wheel(self, pixels: int) -> list[int]:
        self.page.mouse.wheel(0, pixels)
        return self.whole()

    def press(self, key: str) -> list[int]:
        self.page.focus("#list")
        self.page.keyboard.press(key)
        return self.whole()

    def go(self, row: int) -> list[int]:
        """As the field for it does."""
        self.page.fill("#goto", str(row + 1))
        self.page.keyboard.press("Enter")
        return self.whole()


@pytest.fixture
def million(context: BrowserContext, site: str) -> List:
    """A list of a million rows of 36 pixels: taller than any element may be."""
    return List(open_blank(context, site))


def test_every_row_of_a_million_can_be_reached(million: List) -> None:
    """By its number, the first and the last among them, and those that an element that long would not have shown."""
    for row in (1, 12_345, 416_665, 500_000, 932_067, 932_068, 977_777, 999_984, ROWS - 1, 0):
        assert row in million.go(row), row
    assert million.page.evaluate("() => document.querySelectorAll('.line').length") < 40


def test_the_keys_reach_both_ends(million: List) -> None:
    """End shows the last row, also from a place near the end of what the browser scrolls; Home shows the first."""
    assert million.press("End")[-1] == ROWS - 1
    assert million.press("Home")[0] == 0
    million.go(416_640)  # beyond it a scroller that was only walked down would be at its own end
    assert million.press("End")[-1] == ROWS - 1
    million.wheel(-HEIGHT)
    assert million.press("End")[-1] == ROWS - 1
    assert million.press("Home")[0] == 0


def test_the_wheel_goes_row_by_row_anywhere(million: List) -> None:
    """A step of the wheel is that many pixels at the start, in the middle and at the end, although the list is mapped."""
    assert million.wheel(10 * ROW)[0] == 10
    assert million.wheel(-3 * ROW)[0] == 7
    for start in (500_000, 932_068):
        million.go(start)
        assert million.wheel(10 * ROW)[0] == start + 10
        assert million.wheel(-20 * ROW)[0] == start - 10
    last = million.press("End")
    assert million.wheel(-10 * ROW)[0] == last[0] - 10
    assert million.wheel(30 * ROW)[-1] == ROWS - 1


def test_page_after_page_leaves_no_row_out(million: List) -> None:
    """Paging through a stretch that no element could hold shows each of its rows."""
    found = set(million.go(940_000))
    for _ in range(12):
        found |= set(million.press("PageDown"))
    assert found == set(range(min(found), max(found) + 1))
    assert max(found) > 940_000 + 12 * 10


def test_a_walk_goes_on_at_the_end_of_what_the_browser_scrolls(million: List) -> None:
    """Who walks on where the scroller itself has come to its end goes on to the next rows, and back likewise at its beginning."""
    million.go(999_000)
    million.page.evaluate("() => { document.querySelector('#list').scrollTop += 300 }")
    million.seen()
    before = million.whole()
    for _ in range(4):
        after = million.wheel(12 * ROW)
        assert after[0] in range(before[0] + 11, before[0] + 14)
        before = after


def test_the_list_stays_where_it_is_when_it_is_drawn_again(million: List) -> None:
    """A change elsewhere in the page, or a row less, moves nothing; a list that became short shows its end."""
    before = million.go(932_068)
    million.page.evaluate("() => draw()")
    assert million.whole() == before
    million.page.evaluate("() => { total -= 1; draw(); }")
    assert million.whole() == before
    million.page.evaluate("() => { total = 100; draw(); }")
    assert million.whole()[-1] == 99
    million.page.evaluate("() => { total = 0; draw(); }")
    assert million.seen() == []


def test_the_keys_go_on_when_the_row_with_the_focus_has_left(million: List) -> None:
    """The focus was in a row that is not drawn any more: the list has it, so that the next key still scrolls."""
    million.page.focus("#b-3")
    million.page.mouse.wheel(0, 100 * ROW)
    million.whole()
    assert million.page.evaluate("() => document.activeElement.id") == "list"
    million.page.keyboard.press("PageDown")
    assert million.whole()[0] > 105


def test_a_list_that_fits_is_scrolled_by_the_browser_alone(context: BrowserContext, site: str) -> None:
    """Ten thousand rows are as high as they are, and told as they stand."""
    short = List(open_blank(context, site), 10_000)
    assert short.page.evaluate("() => document.querySelector('#list').scrollHeight") == 10_000 * ROW
    short.page.evaluate("() => { document.querySelector('#list').scrollTop = 5_000 * 36 }")
    assert short.whole()[0] == 5_000
    assert short.press("End")[-1] == 9_999
