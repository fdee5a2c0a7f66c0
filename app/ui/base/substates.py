"""What the views are drawn from, one struct for each capability. ``ui.base.state.State`` holds one of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.activity.log import LogEntry
from app.core.base.findings import Finding
from app.core.batches.durations import History
from app.core.batches.matching import Match
from app.core.batches.remote_files import Listed
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Limits, Profile
from app.core.model.settings import Automatic, BrokerSettings, RetentionNotice
from app.core.model.threads import Thread
from app.core.queue.auto_submit import Origin
from app.core.queue.lanes import LineRefusal
from app.core.queue.selection import Selection
from app.core.queue.summaries import Forecast
from app.core.workspace.imports import Import
from app.services.batches.attempts import RequestHistory
from app.services.provider.account import Seen
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.queue.search import Matches
from app.services.results.shown import AnswerRow, Group
from app.services.threads.drafts import Saving

if TYPE_CHECKING:
    from app.core.batches.spending import BudgetVerdict
    from app.core.programs.message import IntakeCounters, ProgramMessage, Programs
    from app.core.programs.rabbit import ConnectionStatus
    from app.services.planning.planning import RowsOrigin
    from app.services.programs.folder_watcher import FolderView

KEEPING = [("0", "until I delete them"), ("30", "30 days, if exported"), ("90", "90 days, if exported")]
"""How long ended batches may be kept: days, and the words for it."""


# --- providers


class KeyState(msgspec.Struct, frozen=True):
    """What is known about a profile's key; never the key."""

    present: bool = False
    """Whether this tab has one."""
    remembered: bool = False
    """Whether it is kept, sealed, in this browser."""
    masked: str = ""
    """Its first and last characters."""
    print: int = 0
    """Tells whether it is still the same (core.model.edits.fingerprint)."""


class KeyTest(msgspec.Struct, frozen=True):
    """How «test the key» ended."""

    profile: str
    good: bool
    problem: Problem | None = None
    models: int = 0
    """How many the provider named."""


class ProviderState(msgspec.Struct):
    """The providers, their keys, models and limits. Dictionaries are by the profile's id."""

    profiles: dict[str, Profile] = msgspec.field(default_factory=dict)
    """As they are stored; ``practice`` and ``openai`` are always there."""
    keys: dict[str, KeyState] = msgspec.field(default_factory=dict)
    typed_keys: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys in their fields, not saved yet; passphrases of a workspace under ``passphrase:<field>``."""
    typed_over: dict[str, int] = msgspec.field(default_factory=dict)
    """Which key was there when another one began to be typed (core.model.edits.fingerprint)."""
    key_faults: dict[str, str] = msgspec.field(default_factory=dict)
    """What is wrong with what was typed."""
    remember: dict[str, bool] = msgspec.field(default_factory=dict)
    """Whether a key that is being typed shall be kept; where nothing was chosen, it is where the page was served."""
    key_test: KeyTest | None = None
    """How the last test ended, of whichever provider."""
    models: tuple[str, ...] = ()
    """Of the provider in use."""
    models_at: float = 0.0
    """When they were asked for, unix seconds; 0: never."""
    models_problem: Problem | None = None
    """Why they could not be asked for."""
    limits: dict[str, Limits] = msgspec.field(default_factory=dict)
    """How much may be enqueued."""
    typed_limits: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """The beginning of a model's name, and tokens, as typed."""
    limits_seen: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    """The person's own limits when one began to be typed."""
    limit_faults: dict[str, str] = msgspec.field(default_factory=dict)
    """What is wrong with what was typed."""
    budget_faults: dict[tuple[str, str], tuple[str, str]] = msgspec.field(default_factory=dict)
    """By profile and part of a budget: what was typed, and what is wrong with it."""
    price_faults: dict[tuple[str, str, str, str], tuple[str, str]] = msgspec.field(default_factory=dict)
    """By profile, model, tier and part: what was typed as a price, and what is wrong with it."""
    price_models: dict[str, str] = msgspec.field(default_factory=dict)
    """By profile the model for which prices are entered."""
    reload_needed: bool = False
    """Whether a host was added that the page's policy does not name: it may be called after a reload."""


class AccountState(msgspec.Struct):
    """What is at the provider under one key, as it was listed last."""

    profile: str = ""
    """Whose account; empty before one was looked at."""
    tab: Literal["batches", "files"] = "files"
    seen: Seen | None = None
    """What was listed."""
    files: list[Listed] = msgspec.field(default_factory=list)
    """Its files, judged."""
    chosen: set[str] = msgspec.field(default_factory=set)
    """Ids of the files to be deleted."""
    reading: tuple[int, int] | None = None
    """Files and batches read so far, while it is being listed."""
    deleting: tuple[int, int] | None = None
    """Files deleted and to be deleted, while that is under way."""
    stop: bool = False
    """Whether the deleting shall stop."""
    problem: Problem | None = None
    """What went wrong last."""


# --- threads and the queue


class ComposeState(msgspec.Struct):
    """The thread being edited."""

    thread: Thread
    rev: int = 0
    """How often its text was replaced by something else than typing: fields then show it even while they have the focus."""
    looked: Thread | None = None
    """The text that the findings, lane and size are those of: a large one is looked at when the person pauses."""
    weighed: bool = False
    """Whether ``size`` has the images that are kept apart in it."""
    lane: Lane = msgspec.field(default_factory=lambda: Lane("", "", ""))
    """Of the request that it makes."""
    size: int = 0
    """Of that request, bytes."""
    saving: Saving | None = None
    """What the disk said last; None before it said anything."""
    saved_at: float = 0.0
    """Unix seconds; 0: not since it was opened."""
    editor: Literal["form", "raw"] = "form"
    findings: tuple[Finding, ...] = ()
    """What is wrong with it."""
    tried: bool = False
    """Whether it was to be queued with that: faults of what is not filled in yet show from then on."""
    typed: bool = False
    """Whether the person changed the thread in this tab since it was shown."""
    theirs: Thread | None = None
    """In a conflict: how the thread stands in the other tab."""
    search: str = ""
    """What the list of threads is searched for."""


class ThreadsState(msgspec.Struct):
    """The threads that are stored."""

    all: list[Thread] = msgspec.field(default_factory=list)
    """Newest first, deleted ones among them."""
    held: bool = False
    """Whether what cannot be saved outlives a reload of this tab all the same."""


class QueueState(msgspec.Struct):
    """Requests that wait, by lane, and when they go out by themselves."""

    lanes: list[LaneQueue] = msgspec.field(default_factory=list)
    lines: dict[str, tuple[int, list[QueueRow]]] = msgspec.field(default_factory=dict)
    """By the lane's key: the rows in sight and the place of the first."""
    selected: dict[str, Selection] = msgspec.field(default_factory=dict)
    """By the lane's key."""
    words: dict[str, str] = msgspec.field(default_factory=dict)
    """What a lane is searched for, by its key."""
    found: dict[str, Matches] = msgspec.field(default_factory=dict)
    """What was found, by the lane's key; the list shows that alone."""
    searched: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """How many segments of a lane are searched, and of how many, while that is under way."""
    plans: dict[tuple[str, Origin], Forecast] = msgspec.field(default_factory=dict)
    """How each lane's requests would go, by the lane's key and their origin."""
    stuck: dict[tuple[str, Origin], tuple[LineRefusal, ...]] = msgspec.field(default_factory=dict)
    """Those that could not go out by themselves, by the same."""
    stopped: dict[tuple[str, Origin], BudgetVerdict] = msgspec.field(default_factory=dict)
    """Why a budget keeps them from going out by themselves, as it was told last; by the same."""
    automatic: dict[str, Automatic] = msgspec.field(default_factory=dict)
    """What was chosen about requests that go out by themselves, by profile."""
    notices: dict[str, float] = msgspec.field(default_factory=dict)
    """Since when the person knows of it, by profile, unix seconds."""
    otherwise: frozenset[str] = frozenset()
    """Profiles of which an older version said that requests made by hand go by themselves too."""
    minutes: dict[tuple[str, Origin], str] = msgspec.field(default_factory=dict)
    """Minutes as typed, by profile and origin."""
    editing: tuple[str, float] = ("", 0.0)
    """The key of the lane of which the other tabs were told that a request of it is open here, and when (ui.queue.editing)."""

    def listed(self, lane: str) -> int:
        """How many requests a lane's list has: all, or those that were found."""
        found = self.found.get(lane)
        return sum(one.requests for one in self.lanes if one.lane.key == lane) if found is None else found.requests

    def chosen(self, lane: str) -> int:
        """How many of them are selected."""
        selection = self.selected.get(lane)
        return selection.count(self.listed(lane)) if selection is not None else 0


# --- batches and answers


class BatchesState(msgspec.Struct):
    """The batches that are stored."""

    all: list[Batch] = msgspec.field(default_factory=list)
    progress: dict[str, tuple[str, int, int]] = msgspec.field(default_factory=dict)
    """By id: what is under way (``uploaded``, ``checking`` …), how much of it is done, and of how much; bytes, or lines."""
    histories: dict[str, History] = msgspec.field(default_factory=dict)
    """How long batches took, by lane key."""
    removed: RetentionNotice | None = None
    """Batches that left this browser by themselves, until that was read."""


class BatchState(msgspec.Struct):
    """The batch that is open: its rows in sight and what it is filtered by."""

    id: str = ""
    which: str = "all"
    """The filter: ``all``, an outcome, ``code:<error code>``, ``differing`` or ``resent``."""
    total: int = 0
    """Rows under the filter."""
    first: int = 0
    """Place of the first row in sight."""
    rows: tuple[AnswerRow, ...] = ()
    steps: tuple[bool, bool] = (False, False)
    """Whether there is a row before and after the one that is open."""
    groups: tuple[Group, ...] = ()
    """What was not answered, by error code."""
    match: Match | None = None
    """How answers under other ids can be matched to requests, where they can."""
    origins: tuple[RowsOrigin, ...] = ()
    """Of which tables its requests are, and which versions of their prompts asked."""
    whose: str = ""
    """The id that was typed for the unexpected answer that is open."""
    whose_fault: str = ""
    """What is wrong with it."""
    groups_of: tuple[str, int, int] = ("", 0, 0)
    """What the groups were made of: a batch, the length of its timeline, how many of its requests went again."""
    picked: set[int] = msgspec.field(default_factory=set)
    """Rows that were chosen."""
    sending: tuple[int, int] | None = None
    """How many requests a sending by hand has put into the queue, and how many it will."""
    stop: bool = False
    """Whether that sending shall stop."""
    story: RequestHistory | None = None
    """The attempts of the request that is open."""


# --- the log, the workspace, programs


class LogState(msgspec.Struct):
    """The log as far as it is in sight: all of it, or that of the batch that is open; newest first."""

    which: Literal["all", "problems"] = "all"
    entries: tuple[LogEntry, ...] = ()
    shown: tuple[LogEntry, ...] = ()
    """Those of ``entries`` that ``which`` lets through."""
    read: bool = False
    """Whether it was read since it came into sight."""
    old: bool = False
    """Whether it was added to since."""


class WorkspaceState(msgspec.Struct):
    """Exports and imports of the whole workspace."""

    with_keys: bool = False
    """Whether API keys go out with it, sealed."""
    fault: str = ""
    """What is wrong with the passphrases that were typed."""
    doing: Literal["", "export", "check", "import", "undo", "keep"] = ""
    """What is under way."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it, while that can be."""
    said: tuple[str, str, str] | None = None
    """How the last one ended: tone, title, text."""
    last: Import | None = None
    """The import that can be undone."""


class ProgramsState(msgspec.Struct):
    """What is shown of programs, as far as it is in sight."""

    which: str = "failed"
    """The state of those that are listed."""
    picked: bool = False
    """Whether the person chose that."""
    target: str = ""
    """A filter: part of where results go to."""
    batch: str = ""
    """A filter: a batch's id; then ``which`` does not count."""
    outcome: str = ""
    """A filter: how the last try ended."""
    rows: tuple[ProgramMessage, ...] = ()
    whole: bool = True
    """Whether all that fit are listed."""
    limit: int = 50
    """How many are listed at most."""
    chosen: set[str] = msgspec.field(default_factory=set)
    """Ids of messages."""
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    """How many there are, by state."""
    of_batch: dict[str, int] = msgspec.field(default_factory=dict)
    """The same of the batch that is open."""
    counted: str = ""
    """The batch that these are of."""
    stored_intake: IntakeCounters | None = None
    """What came in; None before it was read."""
    minutes: tuple[tuple[int, dict[str, int]], ...] = ()
    """How many came of each way in, by minute."""
    stored_settings: Programs | None = None
    """What was chosen; None before it was read."""
    secrets: frozenset[str] = frozenset()
    """Hosts whose webhooks are signed."""
    typed_host: str = ""
    host_fault: str = ""
    """What is wrong with it."""
    typed_secrets: dict[str, str] = msgspec.field(default_factory=dict)
    """By host, not saved yet."""
    signing_fault: str = ""
    """What is wrong with one of them."""
    shown_secret: tuple[str, str] = ("", "")
    """A secret that was just made, with its host: shown once, to be given to the receiver."""
    server: str = "off"
    """How the line to the local server stands."""
    typed_token: str = ""
    door_fault: str = ""
    """What is wrong with the token."""
    folder: FolderView | None = None
    """The watched folder; None before it was read, or where there is none."""
    folder_fault: str = ""
    """Why it cannot be used."""
    read: bool = False
    """Whether anything of this was read yet."""

    @property
    def intake(self) -> IntakeCounters:
        """What came in; nothing before it was read."""
        from app.core.programs.message import IntakeCounters  # most pages never show it

        return self.stored_intake or IntakeCounters(id="programs")

    @property
    def settings(self) -> Programs:
        """What was chosen about programs."""
        from app.core.programs.message import Programs

        return self.stored_settings or Programs(id="programs")


class BrokerState(msgspec.Struct):
    """RabbitMQ in the settings."""

    stored: BrokerSettings | None = None
    """None until it was read."""
    typed: BrokerSettings | None = None
    """The settings being edited."""
    seen: BrokerSettings | None = None
    """Those that they were made of."""
    clash: str = ""
    """What another tab changed meanwhile."""
    password: str = ""
    """What was typed for them."""
    over: int = 0
    """Tells which password was there then (core.model.edits.fingerprint)."""
    remember: bool = False
    """Whether the password that is typed shall be kept."""
    present: bool = False
    """Whether this tab has a password."""
    remembered: bool = False
    """Whether it is kept, sealed, in this browser."""
    checked: bool = False
    """Whether the faults of what is typed show."""
    faults: dict[str, str] = msgspec.field(default_factory=dict)
    """By field."""
    connection: ConnectionStatus | None = None
    """How the connection of this tab stands."""
    test: ConnectionStatus | None = None
    """How the last test of what is typed ended."""
