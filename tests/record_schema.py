"""Records what lies in the browser of a person who used Nightshift: ``python -m tests.record_schema tests/data/schema-1.json.gz``.

One file for each version of the schema that was published, made by the program of that time and never made anew: what people have is what
that program wrote. ``tests/e2e/test_schema.py`` opens it with the program of today.
"""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
from playwright.sync_api import FilePayload, sync_playwright

from tests.kit import database
from tests.kit.browser import FLAGS
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.site import serving
from tools import browser as tool
from tools import dist

PNG = b"\x89PNG\r\n\x1a\n" + bytes(150_000)
"""Large enough to be stored beside its thread, and nothing but zeros."""


def hand_in(site: str, id: str) -> None:
    """A program's message."""
    body = {"model": "gpt-4o-mini", "input": f"What is {id}?"}
    httpx.post(f"{site}/api/requests", json={"custom_id": id, "url": "/v1/responses", "method": "POST", "body": body}).raise_for_status()


def use(journey: Journey, site: str) -> None:
    """Leave a record of every kind."""
    journey.practise(AT_ONCE)
    journey.page.get_by_role("button", name="Dark", exact=True).click()
    journey.add_provider("Research", "https://llm.example.org/v1")

    journey.new_thread()
    journey.write("What outlives a new schema?")
    journey.name().fill("Answered")
    journey.saved()
    journey.submit_at_once()
    journey.wait_for_state("completed")

    hand_in(site, "handed in and answered")
    journey.go("Queue")
    journey.waiting(1)
    journey.submit_lane()
    journey.wait_for_state("completed")
    journey.main.get_by_role("region", name="Delivery").get_by_text("1 no destination").wait_for()

    journey.practise("60")
    journey.new_thread()
    journey.write("What is on its way meanwhile?")
    journey.name().fill("On its way")
    journey.saved()
    journey.submit_at_once()
    journey.wait_for_state("validating", "in progress")

    journey.new_thread()
    journey.write("What waits in the queue?")
    journey.name().fill("Waits")
    journey.saved()
    for _ in range(3):
        journey.enqueue()
    journey.waiting(3)
    journey.rows.nth(1).get_by_role("button", name="Delete request").click()
    journey.waiting(2)

    journey.new_thread()
    journey.write("What is in this picture?", model="gpt-4o")
    journey.name().fill("With an image")
    journey.message(0).get_by_role("button", name="Add an image").click()
    journey.dialog.get_by_label("Image file").set_input_files(FilePayload(name="large.png", mimeType="image/png", buffer=PNG))
    journey.dialog.wait_for(state="detached")
    journey.saved()

    journey.new_thread()
    journey.write("Deleted, and still in the bin.")
    journey.go("Prompts")
    journey.main.get_by_text("Deleted, and still in the bin.").first.wait_for()
    journey.main.get_by_role("button", name="Delete prompt").first.click()
    journey.page.get_by_text("Deleted “").wait_for()


def main(arguments: list[str]) -> int:
    """Use the page as a person does, and write its database."""
    with serving(dist.site()) as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=tool.find(), args=FLAGS)
        page = chromium.new_page()
        page.set_default_timeout(20_000)
        use(Journey(page, f"{site}/").open(), site)
        found = database.dump(page)
        chromium.close()
    database.write(Path(arguments[0]), found)
    for name, table in found["tables"].items():
        print(name, [one["id"] for one in table["records"]])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
