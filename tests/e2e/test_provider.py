"""A provider of one's own, over HTTP on another origin, with a key."""

import pytest

from tests.e2e.provider import KEY, Provider, lines
from tests.kit.browser import Watch
from tests.kit.journey import Journey
from tests.kit.ports import kept_ports
from tests.kit.setting import ELSEWHERE


@pytest.mark.also(*ELSEWHERE)
def test_new_host_asks_for_a_reload_and_keeps_everything(tab: Journey, provider: Provider) -> None:
    """Adding a provider on a new host asks for a reload, wherever one is; afterwards nothing is lost and the host may be called."""
    tab.write("Keep me over the reload.")
    tab.add_provider("E2E", provider.base_url)
    tab.main.get_by_text("A new host was added.").wait_for()
    tab.go("Queue")
    tab.main.get_by_text("A provider's address changed or was added.").wait_for()
    tab.reload_for_provider()
    tab.go("Compose")
    assert tab.texts() == ["Keep me over the reload."]
    tab.go("Settings")
    tab.save_key("E2E", KEY)
    assert "works" in tab.key_verdict("E2E")
    assert tab.page.get_by_role("button", name="Reload now").count() == 0


@pytest.mark.also("file", "firefox")
def test_key_test_tells_four_cases_apart(tab: Journey, provider: Provider, watch: Watch) -> None:
    """A refused page (CORS), a wrong key, a good key and a host where nobody answers are four different sentences."""
    watch.expect("Failed to load resource|CORS policy|ERR_")
    nobody = f"127.0.0.1:{kept_ports(1)[0]}"
    watch.hosts.add(nobody)
    tab.add_provider("Nobody", f"http://{nobody}/v1")
    tab.add_provider("E2E", provider.base_url)
    tab.reload_for_provider()
    said = []
    provider.behave("cors_refused")
    tab.save_key("E2E", KEY)
    said.append(tab.key_verdict("E2E"))
    provider.behave()
    tab.change_key("E2E", "wrong-key-of-any-length")
    said.append(tab.key_verdict("E2E"))
    tab.change_key("E2E", KEY)
    said.append(tab.key_verdict("E2E"))
    tab.save_key("Nobody", KEY)
    said.append(tab.key_verdict("Nobody"))
    for words, sentence in zip(("CORS", "401", "works", "does not answer at all"), said, strict=True):
        assert words in sentence
    assert len({sentence.split(".")[0] for sentence in said}) == 4


@pytest.mark.parametrize("key", ["practice", "practice-" + "k" * 47, "practice-" + "k" * 600])
def test_keys_of_any_length_work(customer: Journey, key: str) -> None:
    """Peers, part A: keys that were not 56 characters long did nothing, silently."""
    customer.change_key("E2E", key)
    assert "works" in customer.key_verdict("E2E")


@pytest.mark.also("file", "firefox")
def test_key_is_sealed_masked_and_removable(customer: Journey) -> None:
    """Peers, part A: the key lay in plain text, and clearing the field did not remove it.

    It is nowhere readable in the page or in what the browser stores, it outlives a reload, and when removed it is gone for good.
    """
    secret = "practice-secret-0123456789"
    customer.change_key("E2E", secret)
    customer.key_verdict("E2E")
    assert secret not in customer.page.content()
    stored = customer.page.evaluate(STORED)
    assert "vault" in stored
    assert secret not in stored
    assert secret[5:-5] not in stored
    customer.reload()
    customer.go("Settings")
    customer.provider("E2E").get_by_text("encrypted in this browser").wait_for()
    customer.press("Remove the key …", within=customer.provider("E2E"))
    customer.press("Remove the key", within=customer.dialog)
    customer.toasts.get_by_text("The key was removed").wait_for()
    customer.reload()
    customer.provider("E2E").locator("input[type=password]").wait_for()


STORED = """async () => {
  const text = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder('latin1').decode(value);
    if (value instanceof CryptoKey) return `[key, ${value.extractable ? 'extractable' : 'sealed'}]`;
    if (value && typeof value === 'object') return Object.entries(value).map(([name, inner]) => `${name}: ${text(inner)}`).join('; ');
    return String(value);
  };
  const ask = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  const db = await ask(indexedDB.open('nightshift'));
  for (const name of db.objectStoreNames) {
    const rows = await ask(db.transaction(name).objectStore(name).getAll());
    for (const row of rows) found.push(`${name}: ${text(row)}`);
  }
  db.close();
  return found.join('\\n');
}"""
"""All that this origin stores, as text."""


@pytest.mark.also(*ELSEWHERE)
def test_batch_comes_back_with_files_of_the_right_bytes(customer: Journey, provider: Provider) -> None:
    """Two requests, one of which fails: both are accounted for, and the downloads are the provider's files byte for byte."""
    provider.behave("line_server_error", share=0.01)  # of two, one at least
    for text in ("First of two — ünïcödé \u2028 🌙", "Second of two"):
        customer.write(text)
        customer.enqueue()
    customer.waiting(2)
    customer.submit_lane()
    customer.wait_for_state("completed")
    customer.page.get_by_role("button", name="Answered 1").wait_for()
    customer.page.get_by_role("button", name="Failed 1").wait_for()
    customer.answers.nth(1).wait_for()
    assert customer.answers.count() == 2
    for title, which in (("Requests", "input"), ("Answers", "output"), ("Errors", "error")):
        name, data = customer.download(title)
        assert name.endswith(f"-{which}.jsonl")
        assert data == provider.content(which)
    assert provider.batches == 1


def test_lines_carry_custom_id_and_answers_stand_beside_their_requests(customer: Journey, provider: Provider) -> None:
    """Peers, part A: lines carried ``id`` instead of ``custom_id``, so no batch could succeed."""
    for n in range(3):
        customer.write(f"Question number {n}")
        customer.enqueue()
    customer.waiting(3)
    customer.submit_lane()
    customer.wait_for_state("completed")
    customer.page.get_by_role("button", name="Answered 3").wait_for()
    sent = lines(customer.download("Requests")[1])
    assert [set(one) for one in sent] == [{"custom_id", "method", "url", "body"}] * 3
    assert len({one["custom_id"] for one in sent}) == 3
    for n in range(3):
        said = customer.open_answer(n).inner_text()
        assert said.count(f"Question number {n}") >= 2  # as asked, and as the answer quotes it
        customer.page.keyboard.press("Escape")
        customer.dialog.wait_for(state="detached")


def test_model_list_stays_when_the_provider_is_away(customer: Journey, provider: Provider, customer_watch: Watch) -> None:
    """The last list of models is offered when asking for it fails, with the reason."""
    customer.go("Compose")
    customer.page.locator("#models option").first.wait_for(state="attached")
    customer_watch.expect("Failed to load resource")
    provider.behave("server_500")
    customer.press("Refresh models")
    customer.page.get_by_text("with a server error (500)").wait_for()
    assert customer.page.locator("#models option").count() > 5


def test_cancelled_batch_keeps_what_was_answered(customer: Journey, provider: Provider) -> None:
    """Cancelling asks first; what was answered by then is fetched, the rest is said to be cancelled."""
    provider.behave(speed={"validating": 0, "in_progress": 1000, "finalizing": 0, "cancelling": 0})
    for n in range(2):
        customer.write(f"Number {n}")
        customer.enqueue()
    customer.waiting(2)
    customer.submit_lane()
    customer.wait_for_state("in progress")
    provider.advance(600)
    customer.press("Cancel batch")
    customer.dialog.get_by_text("are kept and billed").wait_for()
    customer.press("Cancel the batch")
    customer.wait_for_state("cancelled")
    customer.page.get_by_role("button", name="Answered 1").wait_for()
    customer.page.get_by_role("button", name="Cancelled 1").wait_for()
