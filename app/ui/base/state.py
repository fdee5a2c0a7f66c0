"""What the views are drawn from. One ``State`` for the page's life; only handlers change it, only on the loop's turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.base import text
from app.core.base.locale import PLAIN, Locale
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.settings import Preferences
from app.core.model.threads import Options
from app.core.model.trail import Stop
from app.ports import Notices, Setting, Usage
from app.ui.base.actions_base import Event
from app.ui.base.batches_state import BatchesState, BatchState
from app.ui.base.charts_state import ChartsState
from app.ui.base.data_state import DataState
from app.ui.base.debug import DebugState
from app.ui.base.focus_state import FocusState
from app.ui.base.follow_state import FollowState
from app.ui.base.help_state import HelpState
from app.ui.base.home_state import HomeState
from app.ui.base.lock_state import LockState
from app.ui.base.picking_state import PickingState
from app.ui.base.plan_state import PlanState
from app.ui.base.programs_state import BrokerState, ProgramsState
from app.ui.base.prompt_state import PromptState
from app.ui.base.provider_state import AccountState, ProviderState
from app.ui.base.python_state import PythonState
from app.ui.base.queue_state import QueueState
from app.ui.base.reading_state import ReadingState
from app.ui.base.recipe_state import RecipeState
from app.ui.base.rescue_state import RescuesState
from app.ui.base.results_state import ResultsState
from app.ui.base.said_state import SaidState, Toast
from app.ui.base.thread_state import ComposeState, ThreadsState
from app.ui.base.ticks_state import TicksState
from app.ui.base.try_state import TriesState
from app.ui.base.workspace_state import LogState, WorkspaceState

if TYPE_CHECKING:
    pass

View = Literal[
    "home",
    "compose",
    "threads",
    "data",
    "queue",
    "batches",
    "batch",
    "account",
    "results",
    "recipe",
    "log",
    "programs",
    "settings",
    "help",
    "nowhere",
]
TITLES: dict[str, str] = {
    "home": "Home",
    "compose": "Compose",
    "threads": "Prompts",
    "data": "Data",
    "queue": "Queue",
    "batches": "Batches",
    "batch": "Batch",
    "account": "At the provider",
    "results": "Results",
    "recipe": "Recipe",
    "log": "Activity",
    "programs": "Integrations",
    "settings": "Settings",
    "help": "Help",
    "nowhere": "Nothing at this address",
}
"""What each view is called."""
Part = Literal["", "prompt", "check"]
PARTS: dict[Part, str] = {"": "Rows", "prompt": "Prompt", "check": "Check and price"}
"""The tabs of a table, in their order, and what each is called."""
DEBUG = "?debug"
"""At the end of an address: the debug panel is opened."""
ROW = 36
"""Height of a line in a long list, in CSS pixels (``--row`` in tokens.css)."""


class Route(msgspec.Struct, frozen=True):
    """Where the person is: ``#/queue``, ``#/batches/<id>``, ``#/data/<id>/prompt``."""

    view: View = "compose"
    id: str = ""
    part: Part = ""
    """Which of a table's tabs is open."""
    query: str = ""
    """What of a table of answers is asked for (core.results.query); of a recipe all that it says (core.templates.recipes); of a page of
    help the section."""

    @classmethod
    def parse(cls, fragment: str) -> Route:
        """Read a location's fragment. One that looks like an address (``#/…``) and names no view leads to ``nowhere``, which shows it;
        any other leads to the composer."""
        shown = fragment.removesuffix(DEBUG)
        path = shown.lstrip("#/")
        nowhere = cls("nowhere", text.head(shown, _MOST_SHOWN)) if shown.startswith("#/") else cls()
        if path.partition("?")[0].partition("/")[0].lower() == "results":
            place, _, query = path.partition("?")
            scope = place.partition("/")[2]
            return cls("results", scope, query=query) if scope.partition("/")[0] in _SCOPES else nowhere
        head, _, rest = path.partition("/")
        if "?" in head:  # what other programs append
            head, rest = head.partition("?")[0], ""
        head = _CALLED.get(head.lower(), head.lower())
        match head:
            case "batches" if rest == "account":  # ids of batches begin with b-
                return cls("account")
            case "batches" if rest:
                return cls("batch", rest)
            case "home" | "threads" | "queue" | "batches" | "programs" | "settings":
                return cls(head)
            case "data":
                id, _, part = rest.partition("/")
                return cls(head, id, next((one for one in PARTS if one == part), ""))
            case "recipe":
                return cls(head, query=rest)
            case "help":
                page, _, section = rest.partition("/")
                return cls(head, page, query=section)
            case "compose" | "log":
                return cls(head, rest)
            case "":
                return cls()
            case _:
                return nowhere


_MOST_SHOWN = 200
"""Characters of an address that names no view that are shown."""
_SCOPES = ("", "batch", "batches", "table", "at")
"""What may come after ``#/results/`` (ui.results.addresses)."""
_CALLED: dict[str, View] = {"prompts": "threads", "integrations": "programs", "activity": "log"}
"""Views that are called otherwise in the navigation than in their addresses: people type what they read."""


WINDOW = "window-"
"""Begins the ids of the elements in which long lists scroll; the key of ``State.scroll`` follows."""


class Scroll(msgspec.Struct, frozen=True):
    """How far a long list is scrolled and how much of it is in sight, in CSS pixels."""

    top: float = 0.0
    height: float = 640.0

    @classmethod
    def of(cls, event: Event) -> Scroll:
        """As the page measured a scroller."""
        top, height = event.extra.get("scrollTop"), event.extra.get("clientHeight")
        return cls(float(top) if isinstance(top, int | float) else 0.0, float(height) if isinstance(height, int | float) else 640.0)

    def window(self, total: int, margin: int = 4, row: int = ROW) -> tuple[int, int]:
        """First row and row after the last that must be drawn. ``row``: their height, in CSS pixels."""
        first = max(0, min(int(self.top // row) - margin, total))
        last = min(total, int((self.top + self.height) // row) + 1 + margin)
        return first, max(first, last)


class Kept(msgspec.Struct, frozen=True):
    """What the browser keeps of the program (static/js/updates.mjs)."""

    bytes: int = 0
    """0: nothing."""
    why: str = ""
    """Why nothing, or why a newer version could not be kept."""


class BrowserState(msgspec.Struct):
    """What the page knows of the browser and of its own program."""

    setting: Setting = "served"
    """Where the page was opened from."""
    version: str = ""
    """The build's; empty where the sources are served."""
    kept: Kept | None = None
    """What is kept for use without a network; None while that is being found out."""
    update: str = ""
    """``ready``: a newer version of the program waits; ``elsewhere``: another tab has switched to it."""
    stops: tuple[Stop, ...] = ()
    """How Python died in this browser, newest last; what it was reading then is skipped."""
    notices: Notices = "default"
    """Whether desktop notices may be shown."""
    usage: Usage | None = None
    """How much is stored, and how much may be; None before it was asked."""


class EngineState(msgspec.Struct):
    """What carries batches on."""

    leads: bool = False
    """Whether this tab's engine does the work."""
    stopped: bool = False
    """Whether it broke off for good; only a reload helps."""
    fault: str = ""
    """Why it waits, in words."""
    online: bool = True
    """Whether there is a network, as far as the browser or the person says."""


class DamageState(msgspec.Struct):
    """Stored records that cannot be read."""

    found: tuple[DamagedRecord, ...] = ()
    """As they are known now."""
    aside: tuple[Quarantined, ...] | None = None
    """Those that were set aside; None before they were read."""


class State(msgspec.Struct):
    """Everything that is drawn: what every view needs, and one struct for each capability."""

    compose: ComposeState
    route: Route = msgspec.field(default_factory=Route)
    moves: int = 0
    """How often another view was gone to: each time the focus goes to its beginning."""
    focus: FocusState = FocusState()
    """The element that a handler sent the focus to last."""
    now: float = 0.0
    """Unix seconds, as of this drawing."""
    zone: float = 0.0
    """Seconds that this machine's clock is ahead of UTC."""
    locale: Locale = PLAIN
    """How figures and times are written, by what the person chose (ui.shell.loop draws within it)."""
    preferences: Preferences = msgspec.field(default_factory=lambda: Preferences(id="preferences"))
    traps: tuple[tuple[str, str], ...] = ()
    """What may go wrong at the practice provider: names, and words for them."""
    dialog: object | None = None
    """What the open dialog holds (ui.shell.dialogs_view knows how each is drawn)."""
    failed_in: tuple[object, str] | None = None
    """The dialog that was open at the last failure, and the failure's code among ``problems``."""
    scroll: dict[str, Scroll] = msgspec.field(default_factory=dict)
    """Of each long list, by its key."""
    toasts: list[Toast] = msgspec.field(default_factory=list)
    """Newest last."""
    said: SaidState = msgspec.field(default_factory=SaidState)
    """What was said in short, also what went since."""
    problems: dict[str, Problem] = msgspec.field(default_factory=dict)
    """Failures that concern every view, by their code."""
    picking: PickingState = msgspec.field(default_factory=PickingState)
    busy: set[str] = msgspec.field(default_factory=set)
    """Names of what is under way and must not be begun twice; its buttons show it."""
    browser: BrowserState = msgspec.field(default_factory=BrowserState)
    engine: EngineState = msgspec.field(default_factory=EngineState)
    provider: ProviderState = msgspec.field(default_factory=ProviderState)
    lock: LockState = msgspec.field(default_factory=LockState)
    threads: ThreadsState = msgspec.field(default_factory=ThreadsState)
    queue: QueueState = msgspec.field(default_factory=QueueState)
    batches: BatchesState = msgspec.field(default_factory=BatchesState)
    batch: BatchState = msgspec.field(default_factory=BatchState)
    rescues: RescuesState = msgspec.field(default_factory=RescuesState)
    account: AccountState = msgspec.field(default_factory=AccountState)
    log: LogState = msgspec.field(default_factory=LogState)
    workspace: WorkspaceState = msgspec.field(default_factory=WorkspaceState)
    broker: BrokerState = msgspec.field(default_factory=BrokerState)
    programs: ProgramsState = msgspec.field(default_factory=ProgramsState)
    home: HomeState = msgspec.field(default_factory=HomeState)
    data: DataState = msgspec.field(default_factory=DataState)
    prompt: PromptState = msgspec.field(default_factory=PromptState)
    plan: PlanState = msgspec.field(default_factory=PlanState)
    tries: TriesState = msgspec.field(default_factory=TriesState)
    results: ResultsState = msgspec.field(default_factory=ResultsState)
    charts: ChartsState = msgspec.field(default_factory=ChartsState)
    ticks: TicksState = msgspec.field(default_factory=TicksState)
    reading: ReadingState = msgspec.field(default_factory=ReadingState)
    follow: FollowState = msgspec.field(default_factory=FollowState)
    recipe: RecipeState = msgspec.field(default_factory=RecipeState)
    python: PythonState = msgspec.field(default_factory=PythonState)
    damage: DamageState = msgspec.field(default_factory=DamageState)
    help: HelpState = msgspec.field(default_factory=HelpState)
    debug: DebugState | None = None
    """What the debug panel shows; None while it is off."""

    @property
    def profile(self) -> Profile:
        """The provider that new requests are meant for."""
        return self.provider.profiles.get(self.preferences.profile) or self.provider.profiles["practice"]

    @property
    def failed_here(self) -> str:
        """The code of the failure that is said in the open dialog and not above the view, which it hides."""
        return self.failed_in[1] if self.failed_in is not None and self.failed_in[0] is self.dialog else ""

    @property
    def options(self) -> Options:
        return self.compose.thread.options

    def scrolled(self, key: str) -> Scroll:
        return self.scroll.get(key, Scroll())
