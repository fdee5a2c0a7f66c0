"""Write ``app/core/endpoints/request_types``: msgspec structs of the bodies that the official SDK's types describe.

``python -m tools.request_types`` rewrites the modules, ``--check`` only says whether they are right (exit status 1 when not). The types are
the ``TypedDict`` classes of the ``openai`` package in the version that ``tools/locks/dev.txt`` pins; nothing of it reaches the page. A new
version of it may change the modules: then they are written anew and committed with the lock file.

What msgspec cannot say is said looser, never stricter: unions of objects are told apart by ``type`` or ``role``; objects that share a tag,
or have none, become one object with the fields of all, of which those are needed that all need; of several lists the elements may be mixed.
``LOOSENED`` names what the SDK demands and the API does without.
"""

from __future__ import annotations

import importlib
import keyword
import subprocess
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, NamedTuple

import typing_extensions as te

from app.core.endpoints import table

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "app" / "core" / "endpoints" / "request_types"
MAX_LINES: Final = 370
"""Lines of the structs of a module, at most: what is longer becomes several, each of which imports from those before it."""

ENDPOINTS: Final = {spec.name: spec.sdk for spec in table.ENDPOINTS.values()}
"""The SDK's type of each endpoint, as its module and its name."""
LOOSENED: Final = {
    "ResponseOutputTextParam": {"annotations"},
    "ResponseOutputMessageParam": {"id", "status"},
    "FunctionToolParam": {"parameters", "strict"},
}
"""Fields that the SDK demands because an answer has them, and that the API does without when the item is sent back (guide «Conversation
state») or in a shorter form (reference of function tools)."""
SCALARS: Final[dict[Any, str]] = {str: "str", int: "int", float: "float", bool: "bool", type(None): "None"}


class Place(NamedTuple):
    """A struct of a module, and its text."""

    name: str
    text: str


def options(hint: Any) -> Iterator[Any]:
    """The members of a union, flat; anything else is its own only member."""
    origin = te.get_origin(hint)
    if origin in (te.Required, te.NotRequired, te.ReadOnly, te.Annotated, typing.Annotated):
        yield from options(te.get_args(hint)[0])
    elif origin in (typing.Union, UnionType):
        for one in te.get_args(hint):
            yield from options(one)
    else:
        yield hint


def fields_of(cls: type) -> dict[str, tuple[Any, bool]]:
    """The members of a TypedDict with their types, and whether each must be there."""
    found = {}
    for name, hint in te.get_type_hints(cls, include_extras=True).items():
        origin: Any = te.get_origin(hint)
        needed = origin is te.Required or (bool(getattr(cls, "__total__", True)) and origin is not te.NotRequired)
        found[name] = (hint, needed and name not in LOOSENED.get(cls.__name__, ()))
    return found


def literals(hint: Any) -> list[Any]:
    """All values of a type that is made of literals only; else nothing."""
    found: list[Any] = []
    for one in options(hint):
        if one is type(None):
            continue
        if te.get_origin(one) is not Literal:
            return []
        found += te.get_args(one)
    return found


class Writer:
    """Writes the structs of one endpoint, those first that others use."""

    def __init__(self, endpoint: str) -> None:
        self.prefix = endpoint.title()
        self.endpoint = endpoint
        self.names: dict[Any, str] = {}
        self.places: list[Place] = []
        self._made: dict[str, str] = {}  # the name of each struct by all of its text but its name
        self.looser: list[str] = []

    # --- types ---------------------------------------------------------------------------------------------------------------------

    def kind(self, hints: Iterable[Any], where: str) -> str:
        """One type for all of these, as msgspec can tell them apart."""
        scalars: set[str] = set()
        values: list[Any] = []
        elements: list[Any] = []
        objects: list[type] = []
        maps: list[Any] = []
        for hint in hints:
            for one in options(hint):
                origin, arguments = te.get_origin(one), te.get_args(one)
                if one in SCALARS:
                    scalars.add(SCALARS[one])
                elif origin is Literal:
                    values += [value for value in arguments if not isinstance(value, bool)]
                    scalars |= {"bool" for value in arguments if isinstance(value, bool)}
                elif te.is_typeddict(one):
                    objects += [one] if one not in objects else []
                elif origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
                    maps.append(arguments[1])
                elif isinstance(origin, type) and issubclass(origin, Iterable):
                    elements.append(arguments[0])
                else:
                    return "Any"
        if "float" in scalars:
            scalars -= {"int"}  # msgspec takes whole numbers for a float
        if objects and maps:
            self.looser.append(f"{where}: objects beside a map of anything")
            return "Any"
        parts = sorted(scalars - {"None"})
        if values := [value for value in dict.fromkeys(values) if not (isinstance(value, str) and "str" in scalars)]:
            parts.append(f"Literal[{', '.join(map(repr, values))}]")
        if elements:
            parts.append(f"list[{self.kind(elements, where + '[]')}]")
        if maps:
            parts.append(f"dict[str, {self.kind(maps, where + '{}')}]")
        parts += self.objects(objects, where)
        return " | ".join([*parts, "None"] if "None" in scalars else parts)

    def objects(self, objects: Sequence[type], where: str) -> list[str]:
        """The structs of a union: tagged where there are several and one field tells them apart, else one with the fields of all."""
        if len(objects) < 2:
            return [self.struct(objects, None)] if objects else []
        for tag in ("type", "role"):
            groups: dict[Any, list[type]] = {}
            for cls in objects:
                for value in literals(fields_of(cls).get(tag, (None, False))[0]) or [None]:
                    groups.setdefault(value, []).append(cls)
            if all(isinstance(value, str) for value in groups):
                for value, group in groups.items():
                    if len(group) > 1:
                        self.looser.append(f"{where}: {len(group)} objects with {tag} {value!r} are one")
                return [self.struct(group, (tag, value)) for value, group in groups.items()]
        self.looser.append(f"{where}: {len(objects)} objects without a tag are one")
        return [self.struct(objects, None)]

    # --- structs -------------------------------------------------------------------------------------------------------------------

    def named(self, classes: Sequence[type], tag: tuple[str, str] | None) -> str:
        """A name for a struct that no other has."""
        bare = classes[0].__name__.replace("ChatCompletion", "").removeprefix("Response").removeprefix("CompletionCreateParams")
        bare = bare.replace("ParamParam", "").removesuffix("Params").removesuffix("Param").removesuffix("NonStreaming")
        name = self.prefix + bare + ("OrLike" if len(classes) > 1 else "")
        taken = set(self.names.values())
        if name in taken and tag is not None:
            name += "".join(part.title() for part in tag[1].replace("-", "_").split("_"))
        number = 2
        while name in taken:
            name, number = f"{name.rstrip('0123456789')}{number}", number + 1
        return name

    def struct(self, classes: Sequence[type], tag: tuple[str, str] | None, name: str = "") -> str:
        """Write the struct of one TypedDict, or of several together. Returns its name."""
        key = (tuple(classes), tag)
        if key in self.names:
            return self.names[key]
        like = next((old for (others, other), old in self.names.items() if others == key[0] and other and tag and other[0] == tag[0]), "")
        asked = name
        name = self.names[key] = name or self.named(classes, tag)
        if like:  # the same object under another tag
            self.places.append(Place(name, f"class {name}({like}, tag={tag[1]!r}):\n    pass\n" if tag else ""))
            return name
        known = [fields_of(cls) for cls in classes]
        lines = []
        for field in dict.fromkeys(field for fields in known for field in fields):
            if tag and field == tag[0]:
                continue
            needed = all(fields.get(field, (None, False))[1] for fields in known)
            kind = self.kind([fields[field][0] for fields in known if field in fields], f"{classes[0].__name__}.{field}")
            lines.append(self.field(field, kind, needed))
        told = f", tag_field={tag[0]!r}, tag={tag[1]!r}" if tag else ""
        text = "\n".join([f"(Struct, kw_only=True, gc=False, forbid_unknown_fields=True{told}):", *(lines or ["    pass"])]) + "\n"
        if not asked and (same := self._made.get(text)):  # the SDK writes some objects once for each place that takes them
            self.names[key] = same
            return same
        self._made[text] = name
        self.places.append(Place(name, f"class {name}{text}"))
        return name

    @staticmethod
    def field(name: str, kind: str, needed: bool) -> str:
        own = name if name.isidentifier() and not keyword.iskeyword(name) else "f_" + "".join(c if c.isalnum() else "_" for c in name)
        renamed = f"name={name!r}" if own != name else ""
        if not needed:  # null stands last in a union
            kind = f"{kind.removesuffix(' | None')} | UnsetType" + (" | None" if kind.endswith(" | None") else "")
        if needed:
            return f"    {own}: {kind}" + (f" = field({renamed})" if renamed else "")
        return f"    {own}: {kind} = " + (f"field({renamed}, default=UNSET)" if renamed else "UNSET")


EASY: Final = '''
class ResponsesEasyMessage(Struct, kw_only=True, gc=False, forbid_unknown_fields=True):
{fields}
    type: Literal['message'] | UnsetType = UNSET


class ResponsesEasyBody(ResponsesBody, kw_only=True):
    """A body all of whose input are messages: they need no ``type``, which a tag must have."""

    input: str | list[ResponsesEasyMessage]  # type: ignore[assignment]
'''


def structs(endpoint: str) -> tuple[list[Place], list[str]]:
    """The structs of an endpoint, its body last (or before the variant of Responses that takes messages without a type)."""
    module, name = ENDPOINTS[endpoint]
    writer = Writer(endpoint)
    writer.struct([getattr(importlib.import_module(module), name)], None, f"{writer.prefix}Body")
    places = writer.places
    if endpoint == "responses":
        message = next(name for (_, tag), name in writer.names.items() if tag == ("type", "message"))
        fields = next(one.text for one in places if one.name == message).splitlines()[1:]
        easy, body = EASY.format(fields="\n".join(fields)).strip("\n").split("\n\n\n")
        places += [Place("ResponsesEasyMessage", easy + "\n"), Place("ResponsesEasyBody", body + "\n")]
    return places, writer.looser


def modules(endpoint: str) -> dict[str, str]:
    """The modules of an endpoint by file name, laid out as the formatter wants it. The last one has the endpoint's name."""
    places, looser = structs(endpoint)
    texts = formatted("\n\n".join(place.text for place in places)).strip("\n").split("\n\n\n")
    parts: list[list[Place]] = [[]]
    room = MAX_LINES
    for place, text in zip(places, texts, strict=True):
        lines = text.count("\n") + 3
        if lines > room and parts[-1]:
            parts.append([])
            room = MAX_LINES
        room -= lines + (1 if len(parts) > 1 else 0)  # a name that it may import takes a line
        parts[-1].append(place)
    names = [f"{endpoint}_{number}" for number in range(1, len(parts))] + [endpoint]
    return {f"{name}.py": written(endpoint, part, parts[:at], looser) for at, (name, part) in enumerate(zip(names, parts, strict=True))}


def written(endpoint: str, part: Sequence[Place], before: Sequence[Sequence[Place]], looser: Sequence[str]) -> str:
    """One module. ``before`` are the parts that it may import from."""
    text = "\n\n".join(place.text for place in part)
    own = {place.name for place in part}
    used = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    imports = [
        f"from app.core.endpoints.request_types.{endpoint}_{number} import {', '.join(names)}\n"
        for number, places in enumerate(before, 1)
        if (names := sorted(place.name for place in places if place.name in used - own))
    ]
    typed = ", ".join(name for name in ("Any", "Literal") if name in used)
    msgspec = ", ".join(
        name for name in ("UNSET", "Struct", "UnsetType", "field") if name in used and (name != "field" or "= field(" in text)
    )
    about = (
        f"Bodies of {endpoint} requests, made from the types of openai {version('openai')} by tools/request_types.py: change nothing here."
    )
    said = "".join(f"\n- {one}" for one in looser) if looser and part[-1].name.endswith("Body") else ""
    doc = f'"""{about}\n\nLooser than those types:\n{said}\n"""' if said else f'"""{about}"""'
    typing_import = f"from typing import {typed}\n\n" if typed else ""
    source = f"{doc}\n\nfrom __future__ import annotations\n\n{typing_import}from msgspec import {msgspec}\n\n{''.join(imports)}\n\n{text}"
    return formatted(source)


def formatted(source: str) -> str:
    """As ruff lays it out and sorts its imports."""
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    name = ["--stdin-filename", str(TARGET / "generated.py")]
    sorted_ = subprocess.run(
        [*ruff, "check", "--quiet", "--select", "I", "--fix", *name, "-"], input=source, capture_output=True, text=True, check=True
    )
    return subprocess.run([*ruff, "format", *name, "-"], input=sorted_.stdout, capture_output=True, text=True, check=True).stdout


def made() -> dict[str, str]:
    """All modules by file name, as they should be."""
    return {name: text for endpoint in ENDPOINTS for name, text in modules(endpoint).items()}


def stale(target: Path = TARGET) -> list[str]:
    """Names of modules that are missing, other than they should be, or left over."""
    should = made()
    there = {path.name: path.read_text() for path in target.glob("*.py") if path.name != "__init__.py"}
    return sorted(name for name in should.keys() | there.keys() if should.get(name) != there.get(name))


def main(arguments: list[str]) -> int:
    """Write or check."""
    if "--check" in arguments:
        if wrong := stale():
            print(f"{', '.join(wrong)} of {TARGET.relative_to(ROOT)} differ. Run: python -m tools.request_types", file=sys.stderr)
        return bool(wrong)
    should = made()
    for path in TARGET.glob("*.py"):
        if path.name not in should and path.name != "__init__.py":
            path.unlink()
    for name, text in should.items():
        (TARGET / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
