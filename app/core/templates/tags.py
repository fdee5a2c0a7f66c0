"""What stands within double braces, read: a column with its filters, or a part of a condition (the language: :mod:`.syntax`)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.core.templates import filters
from app.core.templates.filters import Argument, FilterFault, TextFunction

FaultKind = Literal["unclosed", "name", "filter", "argument", "condition", "quotes"]


class WrongTag(Exception):
    """Why a tag cannot be read: a sentence, what to do, and the column or filter that it is about."""

    def __init__(self, kind: FaultKind, sentence: str, remedy: str = "", name: str = "") -> None:
        super().__init__(sentence)
        self.kind, self.remedy, self.name = kind, remedy, name


class TemplateTag(NamedTuple):
    """What stands between two braces and the next two; ``stop`` is behind them."""

    kind: Literal["column", "if", "else", "end"]
    column: str
    filters: tuple[TextFunction, ...]
    names: tuple[str, ...]
    stop: int


_UNCLOSED = "Two braces open a placeholder here, and it is not closed."
_LITERAL = "Close it with }}, or write \\{{ for two braces."
_BLANK = " \t"


def read(text: str, at: int, within: bool) -> TemplateTag:
    """A tag whose inside begins at ``at``. ``within`` a JSON string quotes may be written with a backslash. Raises WrongTag."""
    at = _skip(text, at)
    if text.startswith(("#", "/"), at):
        return _word(text, at, within)
    column, bare, at = _name(text, at, within)
    made: list[TextFunction] = []
    names: list[str] = []
    while text.startswith("|", at):
        name, arguments, at = _filter(text, _skip(text, at + 1), within)
        try:
            made.append(filters.made(name, arguments))
        except FilterFault as fault:
            raise WrongTag("argument" if name in filters.FILTERS else "filter", str(fault), name=name) from None
        names.append(name)
    stop = _closed(text, at)
    if bare and column == "else" and not names:
        return TemplateTag("else", "", (), (), stop)
    return TemplateTag("column", column, tuple(made), tuple(names), stop)


def _word(text: str, at: int, within: bool) -> TemplateTag:
    end = at + 1
    while end < len(text) and text[end].isalpha():
        end += 1
    match text[at:end]:
        case "#if":
            column, _bare, end = _name(text, _skip(text, end), within)
            return TemplateTag("if", column, (), (), _closed(text, end))
        case "/if":
            return TemplateTag("end", "", (), (), _closed(text, _skip(text, end)))
        case word:
            remedy = 'There are {{#if column}}, {{else}} and {{/if}}. A column whose name begins so is written in quotes: {{"#1"}}.'
            raise WrongTag("condition", f"“{word[:20]}” is not known here.", remedy, word)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _closed(text: str, at: int) -> int:
    if text.startswith("}}", at):
        return at + 2
    if at >= len(text) or text.find("}}", at) < 0:
        raise WrongTag("unclosed", _UNCLOSED, _LITERAL)
    raise WrongTag("name", f"“{text[at : at + 12].split('}')[0]}” is not expected here.", "Close with }}, or write | and a filter.")


def _name(text: str, at: int, within: bool) -> tuple[str, bool, int]:
    """A column's name, whether it stood without quotes, and where it ends (before ``|`` or the braces)."""
    if (found := _quoted(text, at, within)) is not None:
        name, at = found
        return name, False, _skip(text, at)
    end = at
    while end < len(text) and text[end] not in "|{}\r\n":
        end += 1
    name = text[at:end].strip()
    if end >= len(text) or text[end] in "{\r\n":
        raise WrongTag("unclosed", _UNCLOSED, _LITERAL)
    if not name:
        raise WrongTag("name", "A column's name is missing here.", "Write {{column}}.")
    return name, True, end


def _quoted(text: str, at: int, within: bool) -> tuple[str, int] | None:
    """A text in quotes that begins at ``at`` and where it ends; None where no quote stands."""
    escape = "\\" if within and text.startswith('\\"', at) else ""
    quote = escape + text[at + len(escape) : at + len(escape) + 1]
    if quote not in ('"', "'", '\\"'):
        return None
    at += len(quote)
    found: list[str] = []
    while at < len(text):
        if text.startswith(quote, at):
            return "".join(found), at + len(quote)
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "'", "\\"):
            at += 1
        found.append(text[at])
        at += 1
    raise WrongTag("unclosed", "This quote is not closed.", "Close it before the braces.")


def _filter(text: str, at: int, within: bool) -> tuple[str, tuple[Argument, ...], int]:
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    name = text[at:end]
    if not name:
        raise WrongTag("filter", "A filter's name is missing behind |.", f"There are {', '.join(sorted(filters.FILTERS))}.")
    at = _skip(text, end)
    if not text.startswith("(", at):
        return name, (), at
    arguments: list[Argument] = []
    at = _skip(text, at + 1)
    while not text.startswith(")", at):
        argument, at = _argument(text, at, within, name)
        arguments.append(argument)
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith(")", at):
            raise WrongTag("argument", f"The arguments of {name[:40]} are not closed.", "Close them with ).", name)
    return name, tuple(arguments), _skip(text, at + 1)


def _argument(text: str, at: int, within: bool, name: str) -> tuple[Argument, int]:
    if (found := _quoted(text, at, within)) is not None:
        return found
    end = at
    while end < len(text) and text[end] in "-0123456789":
        end += 1
    digits = text[at:end]
    if not digits.removeprefix("-").isdecimal() or len(digits) > 18:
        raise WrongTag("argument", f"An argument of {name[:40]} is a whole number, or a text in quotes.", "", name)
    return int(digits), end
