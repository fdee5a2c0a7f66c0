"""What goes wrong between a page and a real RabbitMQ is said in words, and heals by itself where it can."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.settings import BrokerSettings
from app.core.programs.rabbit import Access, OutgoingResult, explain
from tests.kit.ports import kept_ports
from tests.kit.rabbit import INTAKE, PAGE_PASSWORD, RESULTS, Rabbit
from tests.kit.room import Room
from tests.kit.waiting import until
from tests.rabbit.conftest import Programs, Tab, listening


def test_a_wrong_password_is_tried_once(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """The socket would stay open and the client would go on for ever: it stops, and says that a person must look."""
    tab.consume(Access(settings, "wrong"))
    tab.lit("stopped", "bad_login")
    until(lambda: tab.state.ended)
    assert [one.state for one in tab.state.lights] == ["connecting", "stopped"]
    assert "wrong" not in (tab.light.detail or "")


def test_a_wrong_virtual_host_is_tried_once(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """The broker does not tell it from a wrong password, and so does the page."""
    for vhost in ("nowhere", "other"):  # one that is not there, and one that the user may not enter
        assert tab.test(Access(replace(settings, vhost=vhost), PAGE_PASSWORD)).trouble == "bad_login"


def test_no_password_is_said_without_asking_the_broker(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """After a reload a password that was not to be kept is gone."""
    assert tab.test(Access(settings)).trouble == "no_password"
    tab.consume(Access(settings))
    tab.lit("stopped", "no_password")
    assert [one.outcome for one in tab.publish(Access(settings), OutgoingResult("m", b"{}", queue=RESULTS))] == ["unknown"]


def test_a_missing_queue_is_waited_for(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """With growing pauses; when it is there, messages come without anybody's doing."""
    away = Access(replace(settings, user="admin", queue="later"), "admin-secret")
    assert tab.test(away).trouble in ("missing", "unsaid")
    tab.consume(away)
    until(lambda: sum(one.state == "waiting" for one in tab.state.lights) >= 3, lambda: tab.state.lights)
    waits = [one for one in tab.state.lights if one.state == "waiting"]
    assert {one.trouble for one in waits} <= {"missing", "unsaid"}
    assert [one.pause for one in waits][:3] == [0.5, 1.0, 2.0]
    programs.channel.queue_declare("later", durable=True)
    programs.hand_in("now", key="later")
    until(lambda: tab.state.bodies == ["now"])
    assert tab.light.state == "on"
    tab.stop()
    programs.channel.queue_delete("later")


def test_a_queue_that_is_deleted_meanwhile_is_noticed(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """A consumer whose queue goes would else wait for ever with a green light."""
    programs.channel.queue_declare("shortlived", durable=True)
    tab.consume(Access(replace(settings, user="admin", queue="shortlived"), "admin-secret"))
    tab.lit("on")
    programs.channel.queue_delete("shortlived")
    until(lambda: any(one.state == "waiting" for one in tab.state.lights), lambda: tab.state.lights)


def test_a_user_who_may_not_read_is_told_so(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """Where the broker says why (from 3.10.9 on); else that it did not."""
    light = tab.test(Access(replace(settings, user="deaf"), "deaf"))
    assert light.trouble in ("denied", "unsaid")
    problem = explain(light)
    assert problem is not None
    assert "read" in problem.do


def test_nobody_there_names_every_possible_reason(tab: Tab, programs: Programs, settings: BrokerSettings, room: Room) -> None:
    """The browser gives one code, 1006, for all of them."""
    (port,) = kept_ports(1)
    listening(room, f"ws://127.0.0.1:{port}")
    light = tab.test(Access(replace(settings, address=f"ws://127.0.0.1:{port}/ws"), PAGE_PASSWORD))
    assert (light.state, light.trouble, light.detail) == ("stopped", "unreachable", "1006")
    problem = explain(light)
    assert problem is not None
    assert "certificate" in problem.do


def test_a_host_that_the_page_may_not_call_yet_is_not_called(tab: Tab, programs: Programs, settings: BrokerSettings) -> None:
    """A new address counts from the next load of the page."""
    light = tab.test(Access(replace(settings, address="ws://unlisted.invalid:15674/ws"), PAGE_PASSWORD))
    assert (light.trouble, light.detail) == ("policy", "ws://unlisted.invalid:15674")


def test_a_broker_that_goes_and_comes_loses_nothing(tab: Tab, programs: Programs, access: Access, rabbit: Rabbit) -> None:
    """The page connects again by itself; what was not acknowledged comes again, with its message id. (After a restart in good order too:
    test_whole.)"""
    programs.hand_in("before")
    tab.consume(access)
    until(lambda: tab.state.bodies == ["before"])
    programs.close()
    rabbit.kill()
    until(lambda: tab.light.state != "on")
    rabbit.start()
    programs.hand_in("after", message_id="a")
    until(lambda: "after" in tab.state.bodies, lambda: tab.state.lights)
    state = tab.stop()
    assert set(state.ids) == {"m0", "a"}
    assert state.lights[-1].reconnects == 1
    assert {one.trouble for one in state.lights if one.state == "waiting"} <= {"lost", "unreachable"}
    assert programs.left(INTAKE) == 0
