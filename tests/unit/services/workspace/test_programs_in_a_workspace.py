"""Messages of programs go with the workspace, and back."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.message import OutboxEntry, ProgramMessage
from app.core.programs.targets import Webhook
from app.ports import Restore
from app.services.runtime.records import put
from tests.kit.stored import placed
from tests.kit.workspaces import Side
from tests.kit.world import LANE


def message(id: str, state: str, made: int = 0, **fields: Any) -> Restore:
    """A message of a program, as it is stored."""
    return placed(ProgramMessage(id=id, source="http", at=1.0, lane=LANE.key, state=state, made=made, **fields))  # type: ignore[arg-type]


async def test_a_message_of_a_program_goes_on_from_the_state_that_is_further_along() -> None:
    """Nobody's delivery is lost, and what was delivered on one side is not due again."""
    here, there = Side.bare(), Side.bare(seed=1)
    await here.records.commit([message("both", "delivered", 1), message("mine", "due")])
    await there.records.commit([message("both", "waiting"), message("theirs", "failed", 5), put(OutboxEntry(id="theirs"), -1)])
    await here.bring((await there.exported()).blob, "merge")
    found = {one.value.id: (one.value.state, one.value.made) for one in await here.records.all(ProgramMessage)}
    assert found == {"both": ("delivered", 1), "mine": ("due", 0), "theirs": ("failed", 5)}
    assert [one.value.id for one in await here.records.all(OutboxEntry)] == ["theirs"]
    await here.records.commit([message("since", "waiting")])
    await here.incoming.undo()
    assert {one.value.id for one in await here.records.all(ProgramMessage)} == {"both", "mine", "since"}


async def test_a_message_that_contradicts_itself_is_left_out() -> None:
    """A file that was changed can neither hide a state nor bring an address that was never taken."""
    there = Side.bare()
    lying = msgspec.structs.replace(message("lying", "waiting"), state="due")
    await there.records.commit([lying, message("spy", "due", target=Webhook("https://user:word@example.com/"))])
    checked = await there.checked((await there.exported()).blob)
    assert len(checked.findings) == 2
    assert {one.key[1] for one in checked.entries}.isdisjoint({"lying", "spy"})
    assert "a name or a password" in "".join(checked.findings)


async def test_the_broker_s_settings_travel_and_its_password_does_not() -> None:
    """Where RabbitMQ is goes along, switched off until somebody here wants it; an address that holds a password is none that Nightshift has
    written, and is left out."""
    here, there = Side.bare(), Side.bare(seed=1)
    settings = BrokerSettings(id="broker", address="ws://mq.example.org:15674/ws", user="night", queue="intake", on=True)
    await there.records.commit([put(settings, -1)])
    await here.bring((await there.exported()).blob, "merge")
    assert [one.value for one in await here.records.all(BrokerSettings)] == [replace(settings, on=False)]
    await there.records.commit([put(msgspec.structs.replace(settings, address="ws://night:secret@mq.example.org/ws"), -1)])
    checked = await there.checked((await there.exported()).blob)
    assert len(checked.findings) == 1
    assert "broker" not in {one.key[1] for one in checked.entries}
    assert "secret" not in "".join(checked.findings)
