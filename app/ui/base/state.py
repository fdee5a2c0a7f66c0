"""What the views are drawn from. One ``State`` for the page's life; only handlers change it, only on the loop's turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.activity.log import LogEntry
from app.core.base.findings import Finding
from app.core.batches.durations import History
from app.core.batches.matching import Match
from app.core.batches.remote_files import Listed
from app.core.model.batches import Batch
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Limits, Profile
from app.core.model.settings import Automatic, BrokerSettings, Preferences, RetentionNotice
from app.core.model.threads import Options, Thread
from app.core.model.trail import Stop
from app.core.queue.auto_submit import Origin
from app.core.queue.lanes import BatchPlan, LineRefusal
from app.core.workspace.imports import Import
from app.ports import Notices, Setting, Usage
from app.services.batches.attempts import Story
from app.services.provider.account import Seen
from app.services.queue.queue import LaneQueue, QueueRow
from app.services.results.review import AnswerRow, Group
from app.services.threads.drafts import Saving
from app.ui.base.actions_base import Event

if TYPE_CHECKING:
    from app.core.programs.message import Handed, Intake, Programs
    from app.core.programs.rabbit import ConnectionStatus
    from app.services.programs.folder_watcher import FolderView

View = Literal["compose", "threads", "queue", "batches", "batch", "account", "log", "programs", "settings"]
ROW = 36
"""Height of a line in a long list, in CSS pixels (``--row`` in tokens.css)."""


KEEPING = [("0", "until I delete them"), ("30", "30 days, if exported"), ("90", "90 days, if exported")]
"""How long ended batches may be kept: days, and the words for it."""


class Route(msgspec.Struct, frozen=True):
    """Where the person is: ``#/queue``, ``#/batches/<id>``."""

    view: View = "compose"
    id: str = ""

    @classmethod
    def parse(cls, fragment: str) -> Route:
        """Read a location's fragment; what is unknown leads to the composer."""
        head, _, rest = fragment.lstrip("#/").partition("/")
        match head:
            case "batches" if rest == "account":  # ids of batches begin with b-
                return cls("account")
            case "batches" if rest:
                return cls("batch", rest)
            case "threads" | "queue" | "batches" | "programs" | "settings":
                return cls(head)
            case "compose" | "log":
                return cls(head, rest)
            case _:
                return cls()


class Toast(msgspec.Struct, frozen=True):
    """A short word about what was done, with a way back where there is one."""

    id: int
    text: str
    undo: Callable[[], Awaitable[None]] | None = None


class Scroll(msgspec.Struct, frozen=True):
    """How far a long list is scrolled and how much of it is in sight, in CSS pixels."""

    top: float = 0.0
    height: float = 640.0

    @classmethod
    def of(cls, event: Event) -> Scroll:
        """As the page measured a scroller."""
        top, height = event.extra.get("scrollTop"), event.extra.get("clientHeight")
        return cls(float(top) if isinstance(top, int | float) else 0.0, float(height) if isinstance(height, int | float) else 640.0)

    def window(self, total: int, margin: int = 4) -> tuple[int, int]:
        """First row and row after the last that must be drawn."""
        first = max(0, min(int(self.top // ROW) - margin, total))
        last = min(total, int((self.top + self.height) // ROW) + 1 + margin)
        return first, max(first, last)


class KeyState(msgspec.Struct, frozen=True):
    """What is known about a profile's key; never the key."""

    present: bool = False
    remembered: bool = False
    masked: str = ""
    print: int = 0
    """Tells whether it is still the same (core.model.edits.fingerprint)."""


class KeyTest(msgspec.Struct, frozen=True):
    """How «test the key» ended."""

    profile: str
    good: bool
    problem: Problem | None = None
    models: int = 0


class Kept(msgspec.Struct, frozen=True):
    """What the browser keeps of the program: its bytes, or 0; and why nothing, or why a newer version could not be kept
    (static/js/updates.mjs)."""

    bytes: int = 0
    why: str = ""


class ComposeState(msgspec.Struct):
    """The thread being edited; ``lane`` and ``size`` (bytes) are those of the request that it makes.

    ``looked`` is the text that the findings, lane and size are those of: a large one is looked at when the person pauses.
    ``rev`` counts how often its text was replaced by something else than typing: fields then show it even while they have the focus.
    """

    thread: Thread
    rev: int = 0
    looked: Thread | None = None
    weighed: bool = False
    lane: Lane = msgspec.field(default_factory=lambda: Lane("", "", ""))
    size: int = 0
    saving: Saving | None = None
    saved_at: float = 0.0
    editor: Literal["form", "raw"] = "form"
    findings: tuple[Finding, ...] = ()
    tried: bool = False
    typed: bool = False
    """Whether the person changed the thread in this tab since it was shown."""
    theirs: Thread | None = None
    """In a conflict: how the thread stands in the other tab."""
    search: str = ""


class BatchState(msgspec.Struct):
    """The batch that is open: its rows in sight and what it is filtered by."""

    id: str = ""
    which: str = "all"
    total: int = 0
    first: int = 0
    rows: tuple[AnswerRow, ...] = ()
    steps: tuple[bool, bool] = (False, False)
    """Whether there is a row before and after the one that is open."""
    groups: tuple[Group, ...] = ()
    match: Match | None = None
    """How answers under other ids can be matched to requests, where they can."""
    whose: str = ""
    """The id that was typed for the unexpected answer that is open, and what is wrong with it (``whose_fault``)."""
    whose_fault: str = ""
    groups_of: tuple[str, int, int] = ("", 0, 0)
    """What the groups were made of: a batch, the length of its timeline, how many of its requests went again."""
    picked: set[int] = msgspec.field(default_factory=set)
    sending: tuple[int, int] | None = None
    """How many requests a sending by hand has put into the queue, and how many it will."""
    stop: bool = False
    story: Story | None = None
    """The attempts of the request that is open."""


class AccountState(msgspec.Struct):
    """What is at the provider under one key, as it was listed last. ``reading``: files and batches read so far; ``deleting``: files deleted
    and to be deleted."""

    profile: str = ""
    tab: Literal["batches", "files"] = "files"
    seen: Seen | None = None
    files: list[Listed] = msgspec.field(default_factory=list)
    chosen: set[str] = msgspec.field(default_factory=set)
    reading: tuple[int, int] | None = None
    deleting: tuple[int, int] | None = None
    stop: bool = False
    problem: Problem | None = None


class LogState(msgspec.Struct):
    """The log as far as it is in sight: all of it, or that of the batch that is open; newest first. ``old``: it was added to since."""

    which: Literal["all", "problems"] = "all"
    entries: tuple[LogEntry, ...] = ()
    shown: tuple[LogEntry, ...] = ()
    """Those of ``entries`` that ``which`` lets through."""
    read: bool = False
    old: bool = False


class ProgramsState(msgspec.Struct):
    """What is shown of programs, as far as it is in sight. ``which`` is the state of those that are listed; ``whole``: all that fit are;
    ``picked``: the person chose which."""

    which: str = "failed"
    picked: bool = False
    target: str = ""
    batch: str = ""
    outcome: str = ""
    rows: tuple[Handed, ...] = ()
    whole: bool = True
    limit: int = 50
    chosen: set[str] = msgspec.field(default_factory=set)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    of_batch: dict[str, int] = msgspec.field(default_factory=dict)
    counted: str = ""
    """The batch that these are of."""
    stored_intake: Intake | None = None
    minutes: tuple[tuple[int, dict[str, int]], ...] = ()
    stored_settings: Programs | None = None
    secrets: frozenset[str] = frozenset()
    """Hosts whose webhooks are signed."""
    typed_host: str = ""
    host_fault: str = ""
    typed_secrets: dict[str, str] = msgspec.field(default_factory=dict)
    signing_fault: str = ""
    shown_secret: tuple[str, str] = ("", "")
    """A secret that was just made, with its host: shown once, to be given to the receiver."""
    server: str = "off"
    typed_token: str = ""
    door_fault: str = ""
    folder: FolderView | None = None
    folder_fault: str = ""
    read: bool = False

    @property
    def intake(self) -> Intake:
        """What came in; nothing before it was read."""
        from app.core.programs.message import Intake  # most pages never show it

        return self.stored_intake or Intake(id="programs")

    @property
    def settings(self) -> Programs:
        """What was chosen about programs."""
        from app.core.programs.message import Programs

        return self.stored_settings or Programs(id="programs")


class WorkspaceState(msgspec.Struct):
    """Exports and imports. ``doing`` is what is under way, ``share`` how much of it is done (0 to 100); ``stop`` stops it while that can
    be. ``said`` is how the last one ended: tone, title, text."""

    with_keys: bool = False
    fault: str = ""
    doing: Literal["", "export", "check", "import", "undo", "keep"] = ""
    share: int = 0
    stop: Callable[[], None] | None = None
    said: tuple[str, str, str] | None = None
    last: Import | None = None


class BrokerState(msgspec.Struct):
    """RabbitMQ in the settings. ``stored`` is None until it was read; ``typed`` are the settings being edited, ``seen`` those that they
    were made of, ``password`` what was typed for them, ``over`` tells which password was there then (core.model.edits.fingerprint);
    ``checked``:
    their ``faults`` show; ``clash``: what another tab changed meanwhile. ``light`` is how the connection of this tab stands."""

    stored: BrokerSettings | None = None
    typed: BrokerSettings | None = None
    seen: BrokerSettings | None = None
    clash: str = ""
    password: str = ""
    over: int = 0
    remember: bool = False
    present: bool = False
    remembered: bool = False
    checked: bool = False
    faults: dict[str, str] = msgspec.field(default_factory=dict)
    light: ConnectionStatus | None = None
    test: ConnectionStatus | None = None


class State(msgspec.Struct):
    compose: ComposeState
    route: Route = msgspec.field(default_factory=Route)
    moves: int = 0
    """How often another view was gone to: each time the focus goes to its beginning."""
    now: float = 0.0
    setting: Setting = "served"
    preferences: Preferences = msgspec.field(default_factory=lambda: Preferences(id="preferences"))
    profiles: dict[str, Profile] = msgspec.field(default_factory=dict)
    keys: dict[str, KeyState] = msgspec.field(default_factory=dict)
    typed_keys: dict[str, str] = msgspec.field(default_factory=dict)
    typed_over: dict[str, int] = msgspec.field(default_factory=dict)
    """By profile: which key was there when another one began to be typed."""
    key_faults: dict[str, str] = msgspec.field(default_factory=dict)
    remember: dict[str, bool] = msgspec.field(default_factory=dict)
    key_test: KeyTest | None = None
    models: tuple[str, ...] = ()
    models_at: float = 0.0
    models_problem: Problem | None = None
    threads: list[Thread] = msgspec.field(default_factory=list)
    lanes: list[LaneQueue] = msgspec.field(default_factory=list)
    plans: dict[tuple[str, Origin], BatchPlan] = msgspec.field(default_factory=dict)
    """How each lane's requests would be cut into batches, by the lane's key and their origin; ``stuck`` are those that could not go out by
    themselves."""
    stuck: dict[tuple[str, Origin], tuple[LineRefusal, ...]] = msgspec.field(default_factory=dict)
    automatic: dict[str, Automatic] = msgspec.field(default_factory=dict)
    """What was chosen about requests that go out by themselves, by profile; ``told``: since when the person knows; ``otherwise``: of which
    an older version said that requests made by hand go by themselves too; ``minutes``: typed."""
    told: dict[str, float] = msgspec.field(default_factory=dict)
    otherwise: frozenset[str] = frozenset()
    minutes: dict[tuple[str, Origin], str] = msgspec.field(default_factory=dict)
    lines: dict[str, tuple[int, list[QueueRow]]] = msgspec.field(default_factory=dict)
    selected: dict[str, set[str]] = msgspec.field(default_factory=dict)
    batches: list[Batch] = msgspec.field(default_factory=list)
    batch: BatchState = msgspec.field(default_factory=BatchState)
    progress: dict[str, tuple[str, int, int]] = msgspec.field(default_factory=dict)
    scroll: dict[str, Scroll] = msgspec.field(default_factory=dict)
    dialog: object | None = None
    """What the open dialog holds (ui.shell.dialogs_view knows how each is drawn)."""
    editing: tuple[str, float] = ("", 0.0)
    """The key of the lane of which the other tabs were told that a request of it is open here, and when (ui.queue.editing)."""
    toasts: list[Toast] = msgspec.field(default_factory=list)
    problems: dict[str, Problem] = msgspec.field(default_factory=dict)
    busy: set[str] = msgspec.field(default_factory=set)
    leader: bool = False
    engine_stopped: bool = False
    engine_fault: str = ""
    online: bool = True
    notices: Notices = "default"
    usage: Usage | None = None
    limits: dict[str, Limits] = msgspec.field(default_factory=dict)
    typed_limits: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """By profile: the beginning of a model's name, and tokens, as typed."""
    limits_seen: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    """By profile: the person's own limits when one began to be typed."""
    limit_faults: dict[str, str] = msgspec.field(default_factory=dict)
    reload_needed: bool = False
    held: bool = False
    """Whether what cannot be saved outlives a reload of this tab all the same."""
    version: str = ""
    kept: Kept | None = None
    update: str = ""
    """``ready``: a newer version of the program waits; ``elsewhere``: another tab has switched to it."""
    stops: tuple[Stop, ...] = ()
    """How Python died in this browser, newest last; what it was reading then is passed over."""
    damage: tuple[DamagedRecord, ...] = ()
    """Stored records that cannot be read; ``aside``: those that were set aside, None before they were read."""
    aside: tuple[Quarantined, ...] | None = None
    traps: tuple[tuple[str, str], ...] = ()
    removed: RetentionNotice | None = None
    account: AccountState = msgspec.field(default_factory=AccountState)
    workspace: WorkspaceState = msgspec.field(default_factory=WorkspaceState)
    log: LogState = msgspec.field(default_factory=LogState)
    broker: BrokerState = msgspec.field(default_factory=BrokerState)
    programs: ProgramsState = msgspec.field(default_factory=ProgramsState)
    histories: dict[str, History] = msgspec.field(default_factory=dict)
    """How long batches took, by lane key."""
    zone: float = 0.0

    @property
    def profile(self) -> Profile:
        """The provider that new requests are meant for."""
        return self.profiles.get(self.preferences.profile) or self.profiles["practice"]

    @property
    def options(self) -> Options:
        return self.compose.thread.options

    def scrolled(self, key: str) -> Scroll:
        return self.scroll.get(key, Scroll())
