"""What programs handed in, and everything around it, with the same text in each place that a program or a broker can fill."""

from __future__ import annotations

from typing import get_args

from app.core.model.settings import BrokerSettings
from app.core.programs.folder import Dropped, FolderState, Watched
from app.core.programs.message import DeliveryAttempt, IntakeCounters, ProgramMessage, Programs, RejectedMessage
from app.core.programs.protocol import MessageState
from app.core.programs.rabbit import ConnectionState, ConnectionStatus
from app.core.programs.targets import RabbitQueue, Webhook
from app.services.programs.folder_watcher import FolderView
from app.ui.base.programs_state import BrokerState, ProgramsState
from tests.states.joined import joined

NOW = 1_700_000_000.0
MESSAGE_STATES: tuple[MessageState, ...] = get_args(MessageState)
SERVER = ("taking", "waiting", "connecting", "token", "off")
"""How the line to the local server can stand."""
FOLDERS: tuple[FolderState, ...] = get_args(FolderState)
HOST = "https://hooks.example.org"
_OTHER = "https://other.example.org"


def message(n: int, state: MessageState, said: str) -> ProgramMessage:
    """A message in a state, with two tries at its delivery behind it."""
    attempts = (
        DeliveryAttempt(NOW - 60, joined(HOST, "/", said), "http_status_not_2xx", 500, said, 0.2, "page"),
        DeliveryAttempt(NOW - 30, joined(HOST, "/", said), "not_configured", error=said, transport="server", by_hand=True),
    )
    return ProgramMessage(
        id=f"p-{n}",
        caller_id=said,
        source="http",
        at=NOW - 90,
        lane="practice|/v1/responses|m",
        target=RabbitQueue(said) if n % 2 else Webhook(joined(HOST, "/", said)),
        key=f"d-{n}",
        state=state,
        batch=f"b-{n}",
        outcome="answered",
        attempts=attempts,
        made=2,
        retry_at=NOW + 30,
    )


def _file(n: int, said: str) -> Dropped:
    state = ("reading", "read", "foreign")[n]
    return Dropped(
        id=f"f/{n}",
        name=joined(said, ".jsonl"),
        size=9,
        modified=NOW * 1000,
        at=NOW,
        state=state,  # type: ignore[arg-type]  # one of the three
        lines=5,
        taken=4,
        refused=1,
        mendable=1,
    )


def folder(said: str, state: FolderState = "open", *, on: bool = True) -> FolderView:
    """A watched folder with a file in each state."""
    watched = Watched(id="folder", folder="f", name=said, on=on)
    return FolderView(
        offered=True,
        watched=None if state == "none" else watched,
        state=state,
        files=tuple(_file(n, said) for n in range(3)),
        fault=said,
    )


def programs(said: str, which: MessageState = "failed", batch: str = "") -> ProgramsState:
    """Messages in one state, beside everything else of the view. ``batch``: the one that is open, if any."""
    rows = tuple(message(n, which, said) for n in range(2))
    return ProgramsState(
        which=which,
        rows=rows,
        whole=False,
        chosen={"p-0"},
        counts={one: n + 1 for n, one in enumerate(MESSAGE_STATES)},
        of_batch={"delivered": 5, "failed": 2, "due": 1, "kept": 1} if batch else {},
        counted=batch,
        stored_intake=IntakeCounters(
            id="programs",
            taken=9,
            duplicates=2,
            refused=1,
            rejected=(RejectedMessage(NOW - 5, "http", "invalid", said, said, said, said),),
        ),
        minutes=((int(NOW // 60) - 1, {"http": 3}), (int(NOW // 60), {"http": 2, "refused": 1, "folder": 4})),
        stored_settings=Programs(id="programs", profile="p-1", hosts=(_OTHER,)),
        secrets=frozenset({_OTHER}),
        typed_host=said,
        host_fault=said,
        typed_secrets={HOST: said},
        signing_fault=said,
        shown_secret=(_OTHER, said),
        server="token",
        typed_token=said,
        door_fault=said,
        folder=folder(said),
        folder_fault=said,
        read=True,
    )


def broker(said: str, state: ConnectionState = "waiting", *, edited: bool = False) -> BrokerState:
    """RabbitMQ in the settings: as it is stored, or while it is being edited."""
    stored = BrokerSettings(id="broker", address="wss://rabbit.example.org/ws", user=said, queue=said, exchange=said, on=True)
    status = ConnectionStatus(state, said, "lost" if state != "on" else "", said, 2, said, 2.0)
    return BrokerState(
        stored=stored,
        typed=stored if edited else None,
        seen=stored,
        clash=said,
        present=True,
        checked=True,
        faults=dict.fromkeys(("address", "vhost", "user", "queue", "exchange", "routing_key"), said),
        connection=status,
        test=status,
    )
