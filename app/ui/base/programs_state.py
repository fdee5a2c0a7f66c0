"""What is shown of programs, and of the ways in which they hand requests over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.model.settings import BrokerSettings

if TYPE_CHECKING:
    from app.core.programs.message import IntakeCounters, ProgramMessage, Programs
    from app.core.programs.rabbit import ConnectionStatus
    from app.services.programs.folder_watcher import FolderView


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
    locked: frozenset[str] = frozenset()
    """Those of them whose secret waits for the passphrase."""
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
    address: str = ""
    """That of this page, and so of the server that it came from."""
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
