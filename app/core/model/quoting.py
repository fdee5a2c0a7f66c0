"""A provider's own words, for people and for comparing: found in an error body of whatever shape, masked, shortened."""

from __future__ import annotations

import re
from typing import Any, Final

from app.core.base import text
from app.core.base.patterns import pattern
from app.core.json import jsonread

QUOTE: Final = 300  # characters of a provider's own words


_KEYLIKE: Final = pattern(r"\b(sk|gsk|pk|rk|xai|sess|api|key)([-_])[\w*.…-]{4,}", re.ASCII)
_BEARER: Final = pattern(r"\b(bearer)\s+[^\s\"']+", re.I)


def mask(text: str, key: str = "") -> str:
    """The text without ``key`` and without anything that looks like one."""
    if len(key) >= 4:
        text = text.replace(key, "…")
    return _BEARER.sub(r"\1 …", _KEYLIKE.sub(r"\1\2…", text))


def quote(text: str, key: str = "") -> str:
    """Someone else's words for people: masked, spaces joined, at most 300 characters."""
    text = " ".join(mask(text[: QUOTE * 20], key).split())
    return text if len(text) <= QUOTE else text[: QUOTE - 1].rstrip() + "…"


def said_by(body: bytes) -> tuple[str, str]:
    """Code and message of an error body of whatever shape; both may be empty. A body that is not JSON is its own message without markup."""
    try:
        found = jsonread.value(body)
    except jsonread.Unreadable as error:
        if error.kind == "too_deep":
            return "", ""  # nobody wrote it for people
        text = body[: QUOTE * 20].decode("utf-8", "replace")
        return "", re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.I | re.S).strip()
    return said_in(found)


def said_in(found: Any, depth: int = 0) -> tuple[str, str]:
    """Code and message in a decoded error of whatever shape; both may be empty."""
    if isinstance(found, str):
        return "", found
    if isinstance(found, list):
        return _said_by_first(found, depth)
    if not isinstance(found, dict):
        return "", ""
    for name in ("error", "errors", "data", "detail", "message"):
        inner = found.get(name)
        if depth < 4 and (isinstance(inner, dict | list) or (name in ("error", "errors", "data") and isinstance(inner, str) and inner)):
            code, message = said_in(inner, depth + 1)
            if code or message:
                return code or _text(found.get("code")), message
    code = _text(found.get("code")) or _text(found.get("type"))
    message = next((_text(found[name]) for name in ("message", "detail", "title", "msg") if found.get(name)), "")
    loc = found.get("loc")  # FastAPI and pydantic: where in what was sent
    where = ".".join(str(one) for one in loc[:20]) if isinstance(loc, list) else ""
    return code, f"{where}: {message}" if where and message else message


def _said_by_first(found: list[Any], depth: int) -> tuple[str, str]:
    """What the first entry says, and how many more there are."""
    code, message = said_in(found[0], depth) if found and not isinstance(found[0], list) else ("", "")
    return code, f"{message} (and {text.number(len(found) - 1)} more)" if message and len(found) > 1 else message


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else str(value)
