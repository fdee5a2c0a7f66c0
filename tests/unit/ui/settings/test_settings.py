"""Settings: providers, keys, models, storage, appearance, practice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.core.openai.wire import Response
from app.ports import Change
from tests.fakes.platform import FakePage
from tests.kit.screen import RIGHT_KEY, WRONG_KEY, Visit
from tests.unit.ui.conftest import Open

MASKED = "sk-…CRET"


@pytest.fixture
async def settings(visit: Visit) -> Visit:
    """A tab on its settings."""
    await visit.go("#/settings")
    return visit


async def added(visit: Visit, name: str = "Research", address: str = "https://llm.example.org/v1") -> None:
    """A provider of one's own."""
    await visit.go("#/settings")
    await visit.click("+ Add a provider")
    await visit.type("Name", name)
    await visit.type("Base URL", address)
    await visit.click("Save")


# --- providers


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("Name", " ", "Give the provider a name."),
        ("Base URL", "llm.example.org", "must begin with https://"),
        ("Base URL", "http://llm.example.org/v1", "could be read in transit"),
        ("Base URL", "https://me:key@llm.example.org/v1", "must not contain a name or a key"),
        ("Upload purpose", "", "cannot be empty"),
        ("Completion window", " ", "cannot be empty"),
        ("Max requests per batch", "0", "a whole number from 1."),
        ("Max requests per batch", "many", "a whole number from 1."),
        ("Max file size (bytes)", "12", "a whole number from 1,000 to 200,000,000."),
        ("Max file size (bytes)", "200000001", "a whole number from 1,000 to 200,000,000."),
        ("Max retries per request", "21", "a whole number from 0 (never) to 20."),
        (
            "Allowed redirect hosts",
            "https://a.example ftp://b.example",
            "Redirect hosts, ftp://b.example: The address must",
        ),
        ("Uploaded files expire after (days)", "31", "a whole number of days from 1 to 30."),
    ],
)
async def test_profile_is_checked(settings: Visit, field: str, value: str, fault: str) -> None:
    """A provider that cannot work is not saved; what is wrong is said, until something is changed."""
    await settings.click("+ Add a provider")
    await settings.type("Name", "Research")
    await settings.type("Base URL", "https://llm.example.org/v1")
    await settings.type(field, value)
    await settings.click("Save")
    assert settings.dialog is not None
    assert fault in settings.dialog.classed("fault")[0].text
    await settings.type("Name", "Other")
    assert not settings.reach.classed("fault")
    assert len(settings.state.provider.profiles) == 2


async def test_profile_is_added_and_changed(settings: Visit) -> None:
    """A provider is added, shown with its address, changed, and there after a reload."""
    await added(settings, address=" https://llm.example.org/v1/ ")
    assert settings.dialog is None
    assert "https://llm.example.org/v1" in [one.text for one in settings.dom.of("code")]
    await settings.click("Edit", 1)
    await settings.type("Name", "Research two")
    await settings.type("Max requests per batch", "1,000")
    await settings.click("Save")
    (own,) = [one for one in settings.state.provider.profiles.values() if one.id.startswith("p-")]
    assert (own.name, own.max_requests) == ("Research two", 1_000)
    again = await settings.other_tab()
    assert again.state.provider.profiles[own.id] == own
    await again.close()


@pytest.mark.slow
async def test_azure_by_its_address(settings: Visit) -> None:
    """Whatever address of the resource is pasted, its batches are meant, and that is said before it is kept."""
    await settings.click("+ Add a provider")
    await settings.type("Name", "Night")
    await settings.type("Base URL", "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21")
    assert "its batches are at https://res.openai.azure.com/openai/v1" in settings.reach.text
    assert "By base URL (Azure OpenAI)" in settings.reach.text
    await settings.type("Uploaded files expire after (days)", "1")
    await settings.click("Save")
    assert "a whole number of days from 14 to 30" in settings.reach.text
    await settings.type("Uploaded files expire after (days)", "20")
    await settings.click("Save")
    assert settings.dialog is None
    (night,) = (one for one in settings.state.provider.profiles.values() if one.name == "Night")
    assert (night.base_url, night.expires_after, night.kind) == ("https://res.openai.azure.com/openai/v1", 20 * 86_400, "")


async def test_reload_is_needed(settings: Visit) -> None:
    """A host that this load may not call yet is said so on every view, with a reload at hand; typed text is written first."""
    await added(settings)
    assert settings.page.next_hosts == ["https://api.openai.com", "https://llm.example.org"]
    assert "may call only the hosts that were configured" in settings.text
    await settings.write("Hello")
    assert "A provider's address changed or was added." in settings.text
    await settings.click("Reload now")
    assert settings.page.reloads == 1
    page = FakePage(hosts=settings.page.next_hosts)
    again = await settings.other_tab(page=page)
    assert not again.has("Reload now")
    await again.close()


async def test_profile_is_removed(settings: Visit) -> None:
    """A removed provider goes with its key, and practice is used in its place; undo brings it back, without the key."""
    await added(settings)
    await settings.type("API key", RIGHT_KEY, 1)
    await settings.click("Save the key", 1)
    (own,) = [one for one in settings.state.provider.profiles.values() if one.id.startswith("p-")]
    assert settings.state.preferences.profile == own.id
    await settings.click("Edit", 1)
    await settings.click("Remove this provider")
    assert own.id not in settings.state.provider.profiles
    assert settings.state.preferences.profile == "practice"
    assert await settings.keys.get(own.id) is None
    await settings.click("Undo")
    assert settings.state.provider.profiles[own.id] == own
    assert settings.state.preferences.profile == own.id
    assert await settings.keys.get(own.id) is None
    assert settings.toasts[-1] == "Research was restored, without its key: enter it again."


async def test_openai_stays(settings: Visit) -> None:
    """The built-in providers can be changed or used, not removed."""
    await settings.click("Edit")
    assert not settings.has("Remove this provider")


async def test_use(settings: Visit) -> None:
    """The provider in use is marked, remembered, and what new requests are meant for."""
    await settings.click("Set as default")
    assert settings.state.preferences.profile == "openai"
    await settings.go("#/compose")
    assert settings.field("Provider").value == "openai"
    assert "no key yet" in settings.text
    again = await settings.other_tab()
    assert again.state.preferences.profile == "openai"
    await again.close()


# --- keys


async def test_good_key(settings: Visit) -> None:
    """A key is saved, tested at once, shown masked, sealed for the next time, and its provider used from then on."""
    await settings.use_openai()
    assert settings.keys.sealed == {"openai": RIGHT_KEY}
    assert MASKED in settings.text
    assert "encrypted in this browser" in settings.text
    assert "The key works." in settings.text
    assert settings.toasts == ["OpenAI is now the default."]
    assert {one.url for one in settings.out.asked} == {"https://api.openai.com/v1/models"}


async def test_key_by_enter(settings: Visit) -> None:
    """Enter in the field saves the key."""
    await settings.type("API key", f" {RIGHT_KEY}\n")
    await settings.press(settings.field("API key"), "Enter")
    assert settings.keys.sealed == {"openai": RIGHT_KEY}


async def test_key_in_memory(settings: Visit) -> None:
    """A key that is not to be remembered is gone with the tab."""
    await settings.check("Remember on this machine", False)
    await settings.use_openai()
    assert settings.keys.sealed == {}
    assert "in this tab's memory only" in settings.text
    again = await settings.other_tab(route="#/settings")
    assert again.has("API key")
    await again.close()


async def test_key_on_a_file(tabs: Open) -> None:
    """A page opened from a file keeps keys in memory unless asked otherwise, and says why."""
    visit = await tabs(page=FakePage(setting="file"), route="#/settings")
    assert "checked" not in visit.field("Remember on this machine").attributes
    assert "Other pages opened from files" in visit.text
    await visit.use_openai()
    assert visit.keys.sealed == {}
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.check("Remember on this machine", True)
    await visit.use_openai()
    assert visit.keys.sealed == {"openai": RIGHT_KEY}


async def test_wrong_key(settings: Visit) -> None:
    """A wrong key is told from all else, even where the provider repeats it."""
    await settings.use_openai(WRONG_KEY)
    assert "wrong_key" in settings.notes
    settings.out.answer = Response(401, {}, b'{"error":{"message":"Incorrect API key: %s"}}' % WRONG_KEY.encode())
    await settings.click("Test the key")
    assert "wrong_key" in settings.notes
    assert WRONG_KEY not in settings.page.html


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "code"), [("blocked", "blocked"), ("offline", "offline"), ("policy", "policy"), ("timeout", "timeout")])
async def test_key_cannot_be_tested(settings: Visit, fault: str, code: str) -> None:
    """A call that is blocked, or a machine that is offline, does not make the key a wrong one; a later test clears it."""
    settings.out.fault = fault
    await settings.use_openai()
    assert settings.notes == [code]
    settings.out.fault = None
    await settings.click("Test the key")
    assert settings.notes == []
    assert "The key works." in settings.text


async def test_key_is_tested_once(settings: Visit) -> None:
    """While a key is tested its button is busy, and a second click asks nothing."""
    await settings.use_openai()
    before = len(settings.out.asked)
    settings.out.gate = asyncio.Event()
    button = settings.button("Test the key")
    settings.page.emit(button["data-click"], "")
    settings.page.emit(button["data-click"], "")
    await settings.rest()
    assert settings.button("Test the key")["aria-busy"] == "true"
    settings.out.gate.set()
    await settings.rest()
    assert len(settings.out.asked) == before + 1


async def test_remove_key(settings: Visit) -> None:
    """A removed key is gone everywhere; the provider says that there is none."""
    await settings.use_openai()
    await settings.click("Remove the key …")
    await settings.click("Remove the key")
    assert settings.keys.sealed == {}
    assert settings.has("API key")
    assert "no key yet" in settings.text
    assert "The key works." not in settings.text


async def test_a_key_is_replaced_in_one_step(settings: Visit) -> None:
    """The field stands beside the key in use; saved, the new one is tested and in use; put away, nothing of it stays."""
    await settings.use_openai(WRONG_KEY)
    await settings.click("Replace the key")
    await settings.type("New API key", RIGHT_KEY)
    await settings.click("Keep this key")
    assert RIGHT_KEY not in repr(settings.state)
    await settings.click("Replace the key")
    await settings.type("New API key", RIGHT_KEY)
    await settings.click("Save the key")
    assert settings.keys.sealed == {"openai": RIGHT_KEY}
    assert "The key works." in settings.text
    assert not settings.has("New API key")


async def test_empty_key(settings: Visit) -> None:
    """Nothing, or white space, is no key."""
    assert "disabled" in settings.button("Save the key").attributes
    await settings.type("API key", "  ")
    assert "disabled" in settings.button("Save the key").attributes
    await settings.press(settings.field("API key"), "Enter")
    assert settings.keys.sealed == {}


@pytest.mark.slow
async def test_half_typed_key_is_forgotten(settings: Visit) -> None:
    """A key that was typed and not saved is gone when the view is left."""
    await settings.type("API key", RIGHT_KEY)
    await settings.go("#/queue")
    await settings.go("#/settings")
    assert "disabled" in settings.button("Save the key").attributes
    assert RIGHT_KEY not in repr(settings.state)


# --- models


async def test_models(settings: Visit) -> None:
    """The provider's models are offered where a model is chosen; the list is kept for when the provider cannot be asked."""
    await settings.use_openai()
    await settings.go("#/compose")
    assert len(settings.dom.by_id("models").of("option")) > 3
    settings.out.fault = "offline"
    await settings.click("Refresh models")
    assert "offline" in settings.text
    assert len(settings.dom.by_id("models").of("option")) > 3
    again = await settings.other_tab()
    assert len(again.dom.by_id("models").of("option")) > 3
    await again.close()


async def test_models_of_the_one_in_use(settings: Visit) -> None:
    """A late answer of the provider used before does not pass for the models of the one in use now."""
    await settings.use_openai()
    settings.out.gate = asyncio.Event()
    await settings.go("#/compose")
    await settings.click("Refresh models")
    await settings.choose("Provider", "practice")
    practice = settings.state.provider.models
    settings.out.answer = Response(200, {}, b'{"data":[{"id":"late"}]}')
    settings.out.gate.set()
    await settings.rest()
    assert settings.state.provider.models == practice


async def test_no_models(settings: Visit) -> None:
    """Without a list any name can be typed."""
    await settings.choose_provider("openai")
    assert "any name can be typed" in settings.text
    await settings.click("Refresh models")
    assert "There is no key for OpenAI" in settings.text


# --- the rest


async def test_a_choice_is_stored_before_it_is_seen(settings: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload right after it was seen has it: nothing shows what is not stored yet."""
    commit, shown = settings.store.commit, list[tuple[str, str, int]]()

    async def watched(changes: Sequence[Change]) -> None:
        shown.append((settings.page.themes[-1], settings.state.preferences.figures, settings.state.preferences.keep_days))
        await commit(changes)

    monkeypatch.setattr(settings.store, "commit", watched)
    before = (settings.page.themes[-1], settings.state.preferences.figures, settings.state.preferences.keep_days)
    await settings.click("Dark")
    await settings.choose("Language of numbers and dates", "iso")
    assert shown[0] == before
    assert [one[0] for one in shown] == ["system", "dark"]
    assert shown[1][1:] == before[1:]
    assert settings.state.preferences.figures == "iso"


async def test_theme(settings: Visit) -> None:
    """The theme is changed at once and kept."""
    await settings.click("Dark")
    assert settings.page.themes == ["system", "dark"]
    assert settings.button("Dark")["aria-pressed"] == "true"
    again = await settings.other_tab(page=FakePage())
    assert again.page.themes == ["dark"]
    await again.close()


async def test_persist(settings: Visit) -> None:
    """The browser is asked to keep the data; its promise is shown."""
    assert "not persistent" in settings.text
    await settings.click("Enable persistent storage")
    assert "promised to keep" in settings.toasts[0]
    assert not settings.has("Enable persistent storage")
    assert "persistent" in settings.text


@pytest.mark.slow
async def test_practice_speed(settings: Visit) -> None:
    """The practice provider accepts as long as was chosen."""
    await settings.choose("A batch takes about", "60")
    await settings.queue("one")
    await settings.go("#/queue")
    await settings.click("Submit 1")
    await settings.wait(60)
    assert settings.state.batches.all[0].state == "validating"
    await settings.go("#/settings")
    await settings.choose("A batch takes about", "0")
    await settings.queue("two")
    await settings.go("#/queue")
    await settings.click("Submit 1")
    await settings.wait(20)
    assert sorted(one.state for one in settings.state.batches.all) == ["done", "validating"]


@pytest.mark.slow
async def test_practice_traps(settings: Visit) -> None:
    """What was chosen to go wrong goes wrong, also after a reload, until it is taken back."""
    await settings.check("lines: the model refuses", True)
    assert "1 fault chosen" in settings.text
    again = await settings.other_tab(route="#/settings")
    await settings.close()
    assert "checked" in again.field("lines: the model refuses").attributes
    await again.queue("one")
    await again.go("#/queue")
    await again.click("Submit 1")
    await again.wait(60)
    assert again.state.batches.all[0].state == "done"
    (row,) = [one for one in again.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]][:1]
    await again.emit(row, "click", "")
    assert "Refusal" in again.reach.text
    await again.escape()
    await again.go("#/settings")
    await again.check("lines: the model refuses", False)
    assert again.state.preferences.practice_traps == ()
    await again.close()


async def test_other_tabs_hear_of_providers(tabs: Open) -> None:
    """A provider or key that another tab added or removed is known here, and one in use that is gone is not used any more."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await added(other)
    await visit.rest()
    assert "https://llm.example.org/v1" in visit.text
    assert "Reload now" in visit.text
    await visit.click("Set as default", 1)
    (own,) = [one for one in visit.state.provider.profiles.values() if one.id.startswith("p-")]
    assert visit.state.preferences.profile == own.id
    await other.click("Edit", 1)
    await other.click("Remove this provider")
    await visit.rest()
    assert visit.state.preferences.profile == "practice"
    assert "https://llm.example.org/v1" not in visit.text


@pytest.mark.slow
async def test_key_in_the_memory_of_a_tab_that_does_not_lead(tabs: Open) -> None:
    """Nothing is queued or submitted with a key that the tab which does the work cannot have; a sealed key is everybody's."""
    leader = await tabs()
    visit = await tabs(beside=leader, route="#/settings")
    await visit.check("Remember on this machine", False)
    await visit.use_openai()
    await visit.write("Hello")
    await visit.click("Submit now")
    assert visit.notes == ["key_elsewhere"]
    assert "enter the key there, or close that tab" in visit.text.lower()
    assert visit.state.queue.lanes == []
    await visit.go("#/settings")
    await visit.click("Remove the key …")
    await visit.click("Remove the key")
    await visit.check("Remember on this machine", True)
    await visit.use_openai()
    await visit.go("#/compose")
    await visit.click("Submit now")
    assert [one.requests for one in visit.state.batches.all] == [1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sk-practice\u200b-0123", "Character 12 cannot be part of a key: it is one that is not seen on the screen."),
        ("sk-one sk-two", "Character 7 cannot be part of a key: it is a space."),
        ("sk-one\nsk-two", "it is a line break"),
        ("sk-ключ", "outside of those that keys are made of"),
    ],
)
async def test_key_with_a_character_that_is_none(settings: Visit, typed: str, said: str) -> None:
    """What no header can carry is refused at the field, naming its place and not the key; typing again clears it."""
    await settings.type("API key", typed)
    await settings.click("Save the key")
    assert settings.keys.sealed == {}
    assert settings.out.asked == []
    (fault,) = settings.dom.classed("fault")
    assert said in fault.text
    assert typed not in settings.page.html
    await settings.type("API key", RIGHT_KEY)
    assert not settings.dom.classed("fault")
    await settings.click("Save the key")
    assert settings.keys.sealed == {"openai": RIGHT_KEY}


async def own_with_key(visit: Visit) -> str:
    """A provider of one's own with a key, in use; its id."""
    await added(visit)
    visit.page.hosts.append("https://llm.example.org")
    await visit.type("API key", RIGHT_KEY, 1)
    await visit.click("Save the key", 1)
    return visit.state.preferences.profile


@pytest.mark.slow
async def test_provider_that_is_needed_is_not_removed(settings: Visit) -> None:
    """A provider stays while batches are on their way to it or requests wait for it; the page says how many."""
    id = await own_with_key(settings)
    settings.out.gate = asyncio.Event()
    await settings.queue("one", "two", "three")
    await settings.go("#/queue")
    await settings.check("Select request 1", True)
    await settings.click("Submit 1 selected")
    await settings.go("#/settings")
    await settings.click("Edit", 1)
    await settings.click("Remove this provider")
    (fault,) = settings.reach.classed("fault")
    assert "1 batch on the way and 2 requests in the queue" in fault.text
    assert id in settings.state.provider.profiles
    assert await settings.keys.get(id) == RIGHT_KEY


async def test_address_is_not_changed_under_open_batches(settings: Visit) -> None:
    """While a batch is on its way its provider keeps the address at which its answers are."""
    id = await own_with_key(settings)
    settings.out.gate = asyncio.Event()
    await settings.queue("one")
    await settings.go("#/queue")
    await settings.click("Submit 1")
    await settings.go("#/settings")
    await settings.click("Edit", 1)
    await settings.type("Base URL", "https://other.example.org/v1")
    await settings.click("Save")
    assert "1 batch of this provider is still under way." in settings.reach.classed("fault")[0].text
    assert settings.state.provider.profiles[id].base_url == "https://llm.example.org/v1"
    assert await settings.keys.get(id) == RIGHT_KEY


async def test_key_does_not_follow_to_another_address(settings: Visit) -> None:
    """A provider at another origin has no key: the one that was entered for the first never goes there. Another path keeps it."""
    id = await own_with_key(settings)
    await settings.click("Edit", 1)
    await settings.type("Base URL", "https://llm.example.org/openai/v1")
    await settings.click("Save")
    assert await settings.keys.get(id) == RIGHT_KEY
    await settings.click("Edit", 1)
    await settings.type("Base URL", "https://other.example.org/v1")
    await settings.click("Save")
    assert await settings.keys.get(id) is None
    assert "its key was removed" in settings.toasts[-1]
    assert settings.state.provider.profiles[id].base_url == "https://other.example.org/v1"


async def test_two_tabs_change_preferences(tabs: Open) -> None:
    """What one tab prefers does not undo what another tab has changed."""
    visit = await tabs(route="#/settings")
    other = await tabs(beside=visit, route="#/settings")
    await other.click("Dark")
    await visit.click("Set as default")
    third = await tabs(beside=visit)
    assert (third.state.preferences.theme, third.state.preferences.profile) == ("dark", "openai")


@pytest.mark.slow
async def test_practice_of_the_tab_that_leads(tabs: Open) -> None:
    """Speed and traps chosen in another tab hold for the tab that does the work."""
    leader = await tabs()
    visit = await tabs(beside=leader, route="#/settings")
    await visit.choose("A batch takes about", "0")
    await visit.check("lines: the model refuses", True)
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await leader.rest()
    await visit.wait(25)
    (batch,) = visit.state.batches.all
    assert batch.state == "done"
    assert leader.state.preferences.practice_traps == visit.state.preferences.practice_traps
    await visit.emit(next(one for one in visit.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]), "click", "")
    assert "Refusal" in visit.reach.text
