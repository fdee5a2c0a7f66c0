"""Recipes: what replays a job over another table. The prompt with its schema and settings, in which ways rows are asked, and what answers
are compared with; no rows, no key, no address of a provider. Pure.

A recipe is a JSON file, or part of an address: the same JSON as deflated bytes in base64url (RFC 1951, RFC 4648). What comes so is from
outside: how long it is, how large it becomes, and how deep it is are known before it is decoded, and nothing is made of it before a person
has read and accepted it.
"""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.base.text import count, number
from app.core.bodies.forms import FORMS
from app.core.json import jsonread
from app.core.model.judging import Expectation, MatchKind
from app.core.model.steps import NextStep
from app.core.model.templates import PromptContent, PromptMessage
from app.core.model.threads import STORED
from app.core.model.ways import Ways
from app.core.templates import content as contents
from app.core.templates import editing, recipe_steps, sensitive
from app.core.templates.recipe_steps import RecipeStep

FORMAT: Final = 1
"""Goes up when an older program could not read a recipe any more."""
ADDRESS: Final = "#/recipe/"
MOST_LINK: Final = 30_000
"""Characters of an address that has a recipe. Browsers take more; what people send links with does not."""
MOST_BYTES: Final = 1_000_000
"""Bytes of a recipe."""
_MOST_PARTS: Final = 1_000
"""Messages, and likewise inputs and pairs of metadata."""
_MOST_NAME: Final = 200
_DATA: Final = pattern(r"data:[\w.+/;=-]{0,200},[^\"\s]{0,}")
_SAFE: Final = pattern(r"[A-Za-z0-9_-]*")
_COPY_OF: Final = "\ue000"
"""Begins the names that columns have for a moment while two of them change places. Of the private use area: in no table."""


class BadRecipe(Exception):
    """What came is no recipe that this program can read. The text is sentences for people."""


class RecipeCheck(msgspec.Struct, frozen=True, omit_defaults=True):
    """What answers are compared with (core.model.judging.Expectation), for any table."""

    column: str
    how: MatchKind = "normalised"
    field: str = ""
    tolerance: float = 0.0


class Recipe(msgspec.Struct, frozen=True, omit_defaults=True):
    """What replays a job. ``nightshift_recipe`` is its format."""

    nightshift_recipe: int
    name: str = ""
    content: PromptContent = PromptContent()
    ways: Ways = Ways()
    """Without versions: these are of one workspace."""
    check: RecipeCheck | None = None
    steps: tuple[RecipeStep, ...] = ()
    """What is asked next, when the answers are there: proposals."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have, each once: those of the prompt, and the one that answers are compared with."""
        used = contents.columns_of(self.content)
        more = recipe_steps.columns_of(self.steps)
        return tuple(dict.fromkeys([*used, *more, *([self.check.column] if self.check is not None else [])]))


class MadeRecipe(msgspec.Struct, frozen=True):
    """A recipe, and sentences on what of the job does not go with it."""

    recipe: Recipe
    left_out: tuple[str, ...] = ()


def made(name: str, content: PromptContent, ways: Ways, held: Expectation | None, planned: Iterable[NextStep] = ()) -> MadeRecipe:
    """The recipe of a table's job. ``planned``: its next steps. Raises BadRecipe where a text of it looks like a key: then nothing goes
    out."""
    steps = recipe_steps.steps_of(planned)
    for said_there in (*(one.text for one in contents.texts(content)), *recipe_steps.texts(steps)):
        if "secret" in sensitive.kinds_in(said_there):
            raise BadRecipe("The prompt holds what looks like a key or a password. Remove it first: a recipe goes to other people.")
    kept, images, files, raw = _without_data(content)
    said = []
    if images:
        said.append(f"{count(images, 'image')} left out: a recipe has no data. Images by address, and by placeholder, stay.")
    if files:
        said.append(f"{count(files, 'file')} left out: a recipe has no data, and files at the provider belong to one account.")
    if raw:
        said.append(f"{count(raw, 'piece')} of data in the JSON body left out.")
    if ways.versions:
        said.append("Versions that are compared with the prompt are left out: they belong to this workspace.")
    check = RecipeCheck(held.column, held.how, held.field, held.tolerance) if held is not None else None
    return MadeRecipe(Recipe(FORMAT, name[:_MOST_NAME], kept, replace(ways, versions=()), check, steps), tuple(said))


def _without_data(content: PromptContent) -> tuple[PromptContent, int, int, int]:
    """The prompt without images and files that it holds itself, how many there were, and how many pieces of a JSON body."""
    messages = []
    images = files = 0
    for one in content.messages:
        own = tuple(each for each in one.images if not each.url.startswith((STORED, "data:")))
        sent = tuple(each for each in one.files if not each.source.startswith(("data:", "file-")))
        images, files = images + len(one.images) - len(own), files + len(one.files) - len(sent)
        messages.append(replace(one, images=own, files=sent))
    raw, cut = (None, 0) if content.raw is None else _DATA.subn("data:,", content.raw)
    return replace(content, messages=tuple(messages), raw=raw), images, files, cut


# --- out


def to_bytes(recipe: Recipe) -> bytes:
    """The file."""
    return jsonread.indented(msgspec.json.encode(recipe), depth=jsonread.OWN_DEPTH) + b"\n"


def to_link(recipe: Recipe) -> str:
    """The address's part from ``#`` on; "" where it is too long for a link."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(msgspec.json.encode(recipe)) + packer.flush()
    text = urlsafe_b64encode(packed).rstrip(b"=").decode()
    return ADDRESS + text if len(text) <= MOST_LINK else ""


# --- in


def of_link(text: str) -> Recipe:
    """What comes after ``#/recipe/``. Raises BadRecipe."""
    if len(text) > MOST_LINK:
        raise BadRecipe(f"This link has {number(len(text))} characters, more than a recipe's can have. Ask for the recipe as a file.")
    if not text or not _SAFE.fullmatch(text):
        raise BadRecipe("This link is not a recipe, or was changed in transit. Ask for it again, or for the recipe as a file.")
    unpacker = zlib.decompressobj(-15)
    try:
        data = unpacker.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise BadRecipe("This link was cut off or changed in transit. Ask for it again, or for the recipe as a file.") from None
    if len(data) <= MOST_BYTES and (not unpacker.eof or unpacker.unused_data):
        raise BadRecipe("This link was cut off or changed in transit. Ask for it again, or for the recipe as a file.")
    return of_bytes(data)


def of_bytes(data: bytes) -> Recipe:
    """What a file says. Raises BadRecipe."""
    if len(data) > MOST_BYTES:
        raise BadRecipe("This recipe is larger than 1 MB, more than one can be.")
    try:
        found = jsonread.typed(data, Recipe)
    except jsonread.WrongShape as error:
        raise BadRecipe(f"This is not a Nightshift recipe, or it is from a newer version: {error}.") from None
    except jsonread.Unreadable as error:
        raise BadRecipe(f"This is not a recipe. {error.sentence}") from None
    return _checked(found)


def _checked(found: Recipe) -> Recipe:
    if found.nightshift_recipe != FORMAT:
        raise BadRecipe(f"This recipe is of version {found.nightshift_recipe}; this Nightshift reads version {FORMAT}. Update it first.")
    content = found.content
    if content.endpoint not in FORMS:
        raise BadRecipe(f"This recipe is for the endpoint “{content.endpoint[:60]}”, which Nightshift does not know.")
    if max(len(content.messages), len(content.inputs), len(content.metadata), len(content.fields)) > _MOST_PARTS:
        raise BadRecipe(f"This recipe has more than {number(_MOST_PARTS)} messages, inputs or parameters.")
    if not recipe_steps.readable(found.steps):
        raise BadRecipe(
            f"This recipe has more than {recipe_steps.MOST_STEPS} steps, or one that waits for no earlier step, or is too long."
        )
    known = {field.name for form in FORMS.values() for field in form.fields}
    kept, *_ = _without_data(content)
    clean = replace(
        kept,
        fields={name: text for name, text in kept.fields.items() if name in known},
        # Ids are this page's: they name elements.
        messages=tuple(replace(one, id=f"m-{n}") for n, one in enumerate(kept.messages, 1)),
        rows_per_request=max(1, kept.rows_per_request),
    )
    return replace(found, name=" ".join(found.name.split())[:_MOST_NAME], content=clean, ways=replace(found.ways, versions=()))


# --- over another table


def matched(columns: Sequence[str], table: Sequence[str]) -> dict[str, str]:
    """For each column of a recipe the column of a table that it seems to be: of the same name, else of the same name whatever its case,
    spaces and marks; "" where the table has none such."""
    there = dict.fromkeys(table)
    alike: dict[str, str] = {}
    for one in table:
        alike.setdefault(_plain(one), one)
    return {one: one if one in there else alike.get(_plain(one), "") for one in columns}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name


class RecipeOver(NamedTuple):
    """A recipe as it is over a table."""

    content: PromptContent
    check: RecipeCheck | None
    steps: tuple[RecipeStep, ...]


def over(recipe: Recipe, columns: Mapping[str, str]) -> RecipeOver:
    """With other columns in place of the recipe's; one that is mapped to "" stays as it is."""
    moves = [(one, to) for one, to in columns.items() if to and to != one]
    content = recipe.content
    away = {one: f"{_COPY_OF}{n}" for n, (one, _) in enumerate(moves)}  # names that no column has, since two may change places
    back = {f"{_COPY_OF}{n}": to for n, (_, to) in enumerate(moves)}
    for one, to in (*away.items(), *back.items()):
        content = editing.rename_column(content, one, to)
    check = recipe.check
    held = None if check is None else replace(check, column=columns.get(check.column) or check.column)
    return RecipeOver(content, held, recipe_steps.over(recipe_steps.over(recipe.steps, away), back))


def shown_messages(content: PromptContent) -> tuple[PromptMessage, ...]:
    """Everything that is asked, as messages: for a person to read before a recipe is used."""
    if content.raw is not None:
        return (PromptMessage("raw", "user", content.raw),)
    form = FORMS.get(content.endpoint)
    if form is not None and form.asked != "messages":
        return tuple(PromptMessage(f"i-{n}", "user", text) for n, text in enumerate(content.inputs))
    return content.messages
