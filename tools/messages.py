"""docs/guide/messages.md: every message about a failure, what it means and what to do, from where the program has its sentences.

``python -m tools.messages`` writes the page again below its mark, ``--check`` only says whether it is right (exit status 1 when not).
Failures of calls and of RabbitMQ are asked of the functions that say them; of all others the source is read: each ``Problem(…)`` with
the sentences that it can have. What is filled in when it happens (a name, a number) is written as …
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple, get_args

from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.openai import problems
from app.core.openai.advice import ADVICE
from app.core.openai.problems import Call
from app.core.openai.wire import NetworkError, Response
from app.core.programs import rabbit
from app.ui.base import failures

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "guide" / "messages.md"
MARK: Final = "<!-- Written by tools/messages.py from the program's own sentences. -->\n"
ROOMS: Final = ("core", "services", "ui")
ASKED: Final = ("core/openai/problems.py", "core/programs/rabbit.py")
"""Modules whose functions say their sentences themselves."""
NAMES: Final = {"name": "the provider", "whose": "the budget of the provider", "here": "the current key"}
"""What stands for the values of these variables."""
FALLBACK: Final = {
    "line": "A request can't be used: the page names the line and the reason.",
    "too_large_line": "A request is larger than a batch file of this provider may be.",
}
"""For messages whose sentence another part of the program makes each time."""
_QUOTED: Final = re.compile("“[^”]*”(?=$)")
_MOST: Final = 4
"""Ways in which one message can be said that are listed."""


class Message(NamedTuple):
    """A message: its code, the ways in which it can be said, what it means and what to do."""

    code: str
    said: tuple[str, ...]
    means: str
    do: str


# --- sentences that are asked for

_PROVIDER: Final = Profile(id="provider", name="the provider", base_url="https://provider.example/v1")
_BODIES: Final = (
    (402, ""),
    (400, ""),
    (429, "billing_hard_limit_reached"),
    (400, "token_limit_exceeded"),
    (400, "file is still processing"),
    (400, "quota for files"),
    (400, "cannot find file"),
    (404, "model_not_found"),
    *((status, "") for status in (200, 302, 401, 403, 404, 408, 409, 413, 429, 500)),
)
_CALLS: Final[tuple[Call, ...]] = ("create", *(one for one in get_args(Call) if one != "create"))


def calls() -> Iterator[Problem]:
    """What a call to the provider can end with."""
    for call in _CALLS:
        for status, said in _BODIES:
            body = f'{{"error": {{"code": "{said}", "message": "{said}"}}}}'.encode() if said else b""
            yield problems.from_response(call, Response(status, {}, body), _PROVIDER)
        yield problems.no_key(call, _PROVIDER)
        yield problems.key_locked(call, _PROVIDER)
    for call in _CALLS:
        for kind in ("offline", "unreachable", "broken", "timeout", "blocked", "policy", "redirected"):
            yield problems.from_network(call, NetworkError(kind), _PROVIDER)
    yield problems.endless_listing(_PROVIDER)
    yield problems.from_storage("full")
    yield problems.from_storage("lost")


def broker() -> Iterator[Problem]:
    """What RabbitMQ's connection can end with."""
    for trouble in rabbit._WORDS:
        found = rabbit.explain(rabbit.ConnectionStatus("waiting", "", trouble))
        if found is not None:
            yield found


# --- sentences that are read


class _Sentences:
    """The texts that an expression within one function can have."""

    def __init__(self, module: dict[str, object], function: ast.AST) -> None:
        self._module, self._function = module, function

    def of(self, node: ast.AST | None) -> list[str]:
        match node:
            case None:
                return [""]
            case ast.Constant(value=str(value)):
                return [value]
            case ast.JoinedStr(values=values):
                return self._joined([self.of(one) for one in values])
            case ast.FormattedValue(value=ast.Name(id=name)) if name in NAMES:
                return [NAMES[name]]
            case ast.FormattedValue(value=value):
                found = self.of(value)
                return found if found != ["…"] else ["…"]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self.of(body), *self.of(orelse)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([self.of(left), self.of(right)])
            case ast.BoolOp(op=ast.Or(), values=values):
                return [text for one in values for text in self.of(one) if text not in ("", "…")] or ["…"]
            case ast.Name(id=name) if (assigned := self._assigned(name)) is not None:
                return assigned
        return self._evaluated(node)

    @staticmethod
    def _joined(parts: list[list[str]]) -> list[str]:
        return ["".join(each) for each in itertools.islice(itertools.product(*parts), _MOST)]

    def _assigned(self, name: str) -> list[str] | None:
        found: list[str] = []
        for node in ast.walk(self._function):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    found += self.of(node.value)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(target.elts, node.value.elts, strict=True)
                    found += [text for to, value in pairs if isinstance(to, ast.Name) and to.id == name for text in self.of(value)]
        return list(dict.fromkeys(found)) or None

    def _evaluated(self, node: ast.AST) -> list[str]:
        if not isinstance(node, ast.expr) or any(isinstance(one, ast.Await | ast.Yield) for one in ast.walk(node)):
            return ["…"]
        free = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        if not free <= self._module.keys() | vars(builtins).keys():
            return ["…"]
        try:
            value = eval(compile(ast.Expression(node), "", "eval"), dict(self._module))  # noqa: S307  # our own source
        except Exception:  # a constant expression it is not
            return ["…"]
        return [value] if isinstance(value, str) else ["…"]


def read(path: Path) -> Iterator[Message]:
    """The messages that a module can say, as its source has them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                sentences = _Sentences(dict(vars(import_module(name))), function)
                given = {one.arg: one.value for one in node.keywords}
                codes = sentences.of(given["code"])
                said = [_tidy(one).replace("“the provider”", "“…”") for one in sentences.of(given["what"])]
                means, do = (_tidy(sentences.of(given.get(part))[0]) for part in ("means", "do"))
                for code in dict.fromkeys(one.partition(":")[0] for one in codes):
                    words = (FALLBACK[code],) if code in FALLBACK else tuple(dict.fromkeys(said))[:_MOST]
                    yield Message(code, words, means, do)


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


# --- the page


def _asked(found: Iterator[Problem]) -> Iterator[Message]:
    """One message for each code, with the ways in which it is said."""
    by_code: dict[str, list[Problem]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one)
    for code, each in by_code.items():
        yield Message(code, tuple(dict.fromkeys(_QUOTED.sub("“…”", one.what) for one in each))[:_MOST], each[0].means, each[0].do)


def groups() -> dict[str, list[Message]]:
    """Every message, under the heading that it is under."""
    paths = [path for room in ROOMS for path in sorted((ROOT / "app" / room).rglob("*.py"))]
    paths = [one for one in paths if "Problem(" in one.read_text(encoding="utf-8")]
    found = [one for path in paths if path.relative_to(ROOT / "app").as_posix() not in ASKED for one in read(path)]
    page = [Message("file_unreadable", (failures.UNREADABLE,), "", ""), Message("memory", (failures.MEMORY,), "", "")]
    ours = [one for one in found if one.code != "…"]
    codes = [Message(one.code, (one.sentence,), "", one.remedy) for one in ADVICE.values()]
    return {
        "Calls to the provider": list(_asked(calls())),
        "Batches, queue and this page": [*_once(ours), *page],
        "RabbitMQ": list(_asked(broker())),
        "Error codes of batches and of single requests": _alike(codes),
    }


def _once(found: list[Message]) -> list[Message]:
    """Of several with one code and one sentence the first."""
    return list({(one.code, one.said[0]): one for one in reversed(found)}.values())[::-1]


def _alike(found: list[Message]) -> list[Message]:
    """Those that say the same, with all of their codes."""
    by_words: dict[tuple[tuple[str, ...], str, str], list[str]] = {}
    for one in found:
        by_words.setdefault(one[1:], []).append(one.code)
    return [Message("`, `".join(codes), *words) for words, codes in by_words.items()]


def entry(one: Message) -> str:
    """A message as the page has it."""
    first, *others = one.said
    lines = [f"### {_plain(first)}", ""]
    lines += [f"It may also say: {' '.join(f'“{_plain(each)}”' for each in others)}", ""] if others else []
    lines += [f"{_plain(part)}\n" for part in (one.means, one.do) if part.strip("…")]
    return "\n".join([*lines, f"Code `{one.code}`", ""])


def _plain(text: str) -> str:
    """The text with nothing that Markdown would read."""
    text = re.sub(r"([*_`\[\]<>|\\])", r"\\\1", text)
    return text[:1].upper() + text[1:]


def written() -> str:
    """The page as it should be."""
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    parts = [f"## {title}\n\n" + "\n".join(map(entry, each)) for title, each in groups().items()]
    return head + MARK + "\n" + "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write or check."""
    new = written()
    if PAGE.read_text(encoding="utf-8") == new:
        return 0
    if "--check" in arguments:
        print("docs/guide/messages.md does not have the program's messages as they are. Run: python -m tools.messages", file=sys.stderr)
        return 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
