"""The texts of a template, wherever they are: to check them, to change them, to say which columns are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from app.core.base.findings import Finding
from app.core.bodies import forms, schema
from app.core.bodies.forms import FieldFault
from app.core.model.templates import PromptContent, PromptMessage
from app.core.model.threads import Thread
from app.core.templates import findings, syntax
from app.core.templates.findings import Emptiness, TemplateFinding

Edit = Callable[[str], str]


class TemplateText(NamedTuple):
    """A text that may hold placeholders. ``field`` says where it is, and ``item`` which of several:

    ==============  ==================================================================================================================
    ``messages``    a message's text; ``item`` is its id
    ``images``      an image's address; ``item`` is the message's id and the image's place, ``m1:0``
    ``files``       a file's source; likewise. ``filenames``: its name
    ``inputs``      an input; ``item`` is its place
    ``fields``      a parameter; ``item`` is its name in the form
    ``metadata``    a value; ``item`` is the place of its pair
    ``custom_id``   the id
    ``raw``         the JSON body typed by hand
    ==============  ==================================================================================================================
    """

    field: str
    item: str
    text: str


def texts(content: PromptContent) -> Iterator[TemplateText]:
    """All texts that are sent, in the order of the form. A body typed by hand stands instead of what the form says."""
    yield TemplateText("custom_id", "", content.custom_id)
    if content.raw is not None:
        yield TemplateText("raw", "", content.raw)
        return
    form = forms.FORMS.get(content.endpoint)
    if form is None or form.asked == "messages":
        for message in content.messages:
            yield TemplateText("messages", message.id, message.text)
            for at, image in enumerate(message.images):
                yield TemplateText("images", f"{message.id}:{at}", image.url)
            for at, file in enumerate(message.files):
                yield TemplateText("files", f"{message.id}:{at}", file.source)
                yield TemplateText("filenames", f"{message.id}:{at}", file.name)
    else:
        for at, text in enumerate(content.inputs):
            yield TemplateText("inputs", str(at), text)
    for field in form.fields if form is not None else ():
        if text := content.fields.get(field.name, ""):
            yield TemplateText("fields", field.name, text)
    if form is None or form.metadata:
        for at, pair in enumerate(content.metadata):
            yield TemplateText("metadata", str(at), pair.value)


def edited(content: PromptContent, edit: Edit) -> PromptContent:
    """The content with every text changed by ``edit``, also those that its endpoint does not send."""
    messages = tuple(
        replace(
            message,
            text=edit(message.text),
            images=tuple(replace(image, url=edit(image.url)) for image in message.images),
            files=tuple(replace(file, source=edit(file.source), name=edit(file.name)) for file in message.files),
        )
        for message in content.messages
    )
    return replace(
        content,
        messages=messages,
        inputs=tuple(map(edit, content.inputs)),
        fields={name: edit(text) for name, text in content.fields.items()},
        metadata=tuple(replace(pair, value=edit(pair.value)) for pair in content.metadata),
        custom_id=edit(content.custom_id),
        raw=None if content.raw is None else edit(content.raw),
    )


def columns_of(content: PromptContent) -> tuple[str, ...]:
    """The columns that are used, each once, in the order of the form."""
    found: dict[str, None] = {}
    for one in texts(content):
        if syntax.holds(one.text):
            found |= dict.fromkeys(syntax.parse(one.text, raw=one.field == "raw").columns)
    return tuple(found)


def checked(
    content: PromptContent, columns: Sequence[str], empties: Mapping[str, Emptiness] | None = None, rows: int = 0
) -> list[TemplateFinding]:
    """Everything that can be said of a template before a row is rendered: what is typed is marked where it is. ``empties``: of which
    columns cells are empty in the table's ``rows``."""
    return TypedCheck(columns, empties, rows)(content)


class TypedCheck:
    """:func:`checked` while someone types: of each text, and of the schema, the findings are kept until it changes, so a key stroke costs
    what its one text costs."""

    def __init__(self, columns: Sequence[str], empties: Mapping[str, Emptiness] | None = None, rows: int = 0) -> None:
        self.columns, self.empties, self.rows = columns, empties, rows
        self._texts: dict[TemplateText, tuple[TemplateFinding, ...]] = {}
        self._schema: tuple[tuple[object, ...], tuple[TemplateFinding, ...]] = ((), ())

    def __call__(self, content: PromptContent) -> list[TemplateFinding]:
        """The findings of this content."""
        kept: dict[TemplateText, tuple[TemplateFinding, ...]] = {}
        for one in texts(content):
            if one.field == "raw" or syntax.holds(one.text):
                known = self._texts.get(one)
                kept[one] = known if known is not None else tuple(self._of_text(one))
        self._texts = kept
        found = [finding for each in kept.values() for finding in each]
        if content.raw is None:
            found += _of_form(content)
            if content.schema_on and (form := forms.FORMS.get(content.endpoint)) is not None and form.schema:
                found += self._of_schema(content)
        return found

    def _of_text(self, one: TemplateText) -> Iterator[TemplateFinding]:
        field, item, text = one
        raw = field == "raw"
        parsed = syntax.parse(text, raw=raw)
        yield from findings.of_syntax(field, parsed, item)
        yield from findings.of_columns(field, text, parsed, self.columns, item)
        if self.empties:
            yield from findings.of_emptiness(field, text, parsed, self.empties, self.rows, item)
        if raw:
            yield from findings.of_json(field, text, parsed)

    def _of_schema(self, content: PromptContent) -> tuple[TemplateFinding, ...]:
        key = (content.schema_name, content.schema_text, content.schema_strict)
        if self._schema[0] != key:
            self._schema = (key, tuple(_of_schema(content)))
        return self._schema[1]


def _of_form(content: PromptContent) -> Iterator[TemplateFinding]:
    """What is typed into the form and holds no placeholder: its rows cannot make it right."""
    form = forms.FORMS.get(content.endpoint)
    if form is None:
        yield _plain(
            "endpoint", "", f"The form can't write requests for {content.endpoint}.", "Choose another endpoint, or use the raw JSON."
        )
        return
    if not content.fields.get("model", "").strip():
        yield _plain("fields", "model", "No model is chosen.", "Choose one, or type its name.")
    for field in form.fields:
        text = content.fields.get(field.name, "")
        if syntax.holds(text):
            continue
        try:
            forms.value_of(field, text)
        except FieldFault as fault:
            yield _plain("fields", field.name, str(fault), fault.remedy)
    if form.asked == "messages" and not content.messages:
        yield _plain("messages", "", "There is no message yet.", "Add one.")
    if form.asked != "messages" and not any(text.strip() for text in content.inputs):
        yield _plain("inputs", "0", f"There is no {form.asked} yet.", "Write {{column}}, or a text.")
    if not 1 <= content.rows_per_request * max(1, len(content.inputs)) <= form.many and form.asked != "messages":
        yield _plain("rows_per_request", "", f"A request takes 1 to {form.many} inputs.", "Let fewer rows share a request.")
    keys = [pair.key for pair in content.metadata]
    for at, pair in enumerate(content.metadata):
        if not pair.key.strip() or pair.key in keys[:at]:
            what = (
                "A pair of the metadata has no key." if not pair.key.strip() else f"Two pairs of the metadata are called {pair.key[:60]}."
            )
            yield _plain("metadata", str(at), what, "Give each its own key.")


def _of_schema(content: PromptContent) -> Iterator[TemplateFinding]:
    named = schema.check_name(content.schema_name)
    given: Iterable[Finding] = schema.check(content.schema_text, strict=content.schema_strict).findings
    if not content.schema_text.strip():
        given = (Finding("schema_text", "Structured output is on, but there is no schema.", "Write a schema, or turn it off."),)
    for one in (*([named] if named else []), *given):
        yield TemplateFinding(
            one.field, one.sentence, one.remedy, one.severity, path=one.path, line=one.line, column=one.column, kind="form"
        )


def _plain(field: str, item: str, sentence: str, remedy: str) -> TemplateFinding:
    return TemplateFinding(field, sentence, remedy, item=item, kind="form")


def of_thread(thread: Thread) -> PromptContent:
    """A thread as the template that asks the same in every row: where its texts hold placeholders already, they become ones."""
    options = thread.options
    given = {name: getattr(options, name) for name in ("model", "max_output_tokens", "temperature", "reasoning_effort", "verbosity")}
    return PromptContent(
        endpoint=options.endpoint,
        fields={name: text for name, text in given.items() if text},
        messages=tuple(PromptMessage(one.id, one.role, one.text, one.images) for one in thread.messages),
        schema_on=options.schema_on,
        schema_name=options.schema_name,
        schema_text=options.schema_text,
        schema_strict=options.schema_strict,
        raw=thread.raw,
    )
