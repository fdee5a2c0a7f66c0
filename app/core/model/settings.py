"""Settings: what a person chose, and what this browser remembers of what its person was told."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from app.core.base.locale import FiguresChoice
from app.core.model import stored_names
from app.core.model.records import Record


class Automatic(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When requests for one provider are submitted without a person (id: the profile's). Lanes by their keys."""

    stored = stored_names.AUTOMATIC
    after: float = 3_600.0
    """Seconds that requests of programs wait; 0: they are submitted by hand only."""
    own: float | None = None
    """Seconds that requests made by hand wait; None: nothing was chosen (core.queue.auto_submit.waits says what holds then)."""
    held: tuple[str, ...] = ()
    """Lanes from which nothing is submitted automatically."""
    opened: dict[str, float] = msgspec.field(default_factory=dict)
    """By lane, when the person let it go again after a batch had given its requests back (unix seconds)."""


class BrokerSettings(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where RabbitMQ is and what is taken from it. One record, id ``broker``. The password is never here (services.programs.rabbit).
    Texts are as typed; core.programs.rabbit checks them."""

    stored = stored_names.BROKER_SETTINGS
    transport: Literal["stomp", "amqp"] = "stomp"
    """``stomp``: the broker's own Web STOMP plugin at ``address``. ``amqp``: the relay of the server that served this page; its broker
    is set there, so ``address`` is empty."""
    address: str = ""
    vhost: str = "/"
    user: str = ""
    queue: str = ""
    """Messages come from this queue, which must exist unless ``exchange`` is set."""
    exchange: str = ""
    """Where set, the queue is declared if it does not exist and bound to it by ``routing_key``."""
    routing_key: str = ""
    prefetch: int = 100
    """Messages that may be unacknowledged at a time."""
    on: bool = False
    """Messages are taken while this page is open."""


class AutoSubmitNotice(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When the page first told the person at this browser that requests for one provider (id: the profile's) are submitted
    automatically. Not part of the workspace, and taken back by an import: what someone was told at another browser counts for nothing
    here."""

    stored = stored_names.TOLD
    at: float
    """Unix seconds."""
    own: bool = False
    """The notice was of a version in which requests made by hand wait for their person; older ones said that they are submitted
    automatically too."""


FileFormat = Literal["csv", "xlsx", "jsonl", "parquet", "tuning", "dpo", "pairs", "html", "markdown"]
"""``tuning``: the chat format of fine-tuning, a conversation a line; ``dpo``: pairs of a preferred and another answer in the format of
preference tuning; ``pairs``: the same as prompt, chosen and rejected; ``html`` and ``markdown``: a report (core.results.report)."""
REPORTS: Final[frozenset[FileFormat]] = frozenset({"html", "markdown"})
ROWLESS: Final[frozenset[FileFormat]] = frozenset({"tuning", "dpo", "pairs", "html", "markdown"})
"""Formats whose lines are no rows of a table, so that there are no columns to choose."""
ColumnGroup = Literal["table", "prompt", "answer", "fields", "annotations", "outcome", "usage", "request"]
RowChoice = Literal["all", "answered", "unanswered"]
COLUMN_GROUPS: Final[tuple[ColumnGroup, ...]] = ("table", "prompt", "answer", "fields", "annotations", "outcome", "usage", "request")
"""In the order of the columns."""


class TakeAway(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person wants to have. It is remembered."""

    format: FileFormat = "csv"
    parts: tuple[ColumnGroup, ...] = ("table", "answer", "fields", "annotations", "outcome")
    rows: RowChoice = "all"
    side_by_side: bool = False
    """Several answers to a row stand side by side instead of each in a row of its own."""
    bom: bool = True
    """CSV begins with a byte order mark, without which Excel takes it for another encoding than UTF-8."""
    neutral: bool = True
    """CSV: a cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    left_out: tuple[str, ...] = ()
    """Single columns that stay away although their group is chosen, by their ids (core.results.file_columns)."""
    shown: bool = False
    """From a table of answers: the columns that it shows, in its order, instead of groups."""


PracticeStep = Literal["open", "look", "check", "submit", "read", "export"]


class PracticeRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a person is with the way from an example to answers of the practice provider (ui.shell.practice_run)."""

    shown: Literal["", "on", "off"] = ""
    """Whether its steps stand above every view; "": it was never begun."""
    table: str = ""
    """Id of the example's dataset."""
    addition: str = ""
    """Id of the QueuedRows by which its rows were added to the queue last."""
    done: tuple[PracticeStep, ...] = ()
    """Steps that were seen to be done."""


Starrable = Literal["prompt", "table", "batch"]
"""What can be a favourite."""


class Preferences(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the person chose. One record, id ``preferences``."""

    stored = stored_names.PREFERENCES
    profile: str = "practice"
    """Id of the provider in use."""
    thread: str = ""
    """Id of the thread that is open."""
    theme: Literal["system", "light", "dark"] = "system"
    figures: FiguresChoice = "browser"
    """How numbers, sizes, dates and times are written (core.base.locale)."""
    practice_speed: float = 1.0
    """Factor on the practice provider's durations; 0 is instant."""
    practice_traps: tuple[str, ...] = ()
    """Faults that the practice provider is asked to play (app.practice.traps)."""
    keep_days: int = 0
    """Days after their end that exported batches stay in this browser; 0: forever (core.batches.retention)."""
    notify: bool = False
    """Desktop notifications are wanted."""
    take_away: TakeAway = TakeAway()
    """What was chosen last when answers were downloaded."""
    reading: Literal["rendered", "text"] = "rendered"
    """Whether texts of prompts and answers are shown as Markdown, or as they were written."""
    letter_keys: bool = True
    """Whether shortcuts of a single character count everywhere (WCAG 2.2, 2.1.4)."""
    practice_run: PracticeRun = PracticeRun()
    lock_minutes: int = 15
    """Minutes without anybody after which keys that are under a passphrase are locked; 0: not before the page is closed."""
    starred: tuple[str, ...] = ()
    """Favourites, the last one first, as ``<kind>:<id>`` with a kind of :data:`Starrable`; some may be gone by now."""
    recent_tables: tuple[str, ...] = ()
    """Ids of the tables that were opened last, the last one first; some may be gone by now."""


class RetentionNotice(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The batches that retention deleted from this browser since the person last read of it. One record, id ``last``."""

    stored = stored_names.REMOVED
    at: float = 0.0
    """Unix seconds."""
    count: int = 0
    """How many."""
    names: tuple[str, ...] = ()
    """Names of the last twenty."""
    ids: tuple[str, ...] = ()
    """Ids of the last twenty."""
