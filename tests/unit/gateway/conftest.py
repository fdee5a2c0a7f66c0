"""Servers with a mailbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.local_server import small_site
from tests.kit.gateway import Leaver, leaver, threaded
from tests.kit.site import serving

TARGET = {"type": "webhook", "webhook_url": "https://receiver.example/hook"}


def message(custom_id: str, **changes: Any) -> dict[str, Any]:
    """A message as a program of OpenAI Batch Manager writes it."""
    body = {"model": "gpt-4o-mini", "input": "Hello"}
    return {"custom_id": custom_id, "url": "/v1/responses", "method": "POST", "body": body, "delivery_config": TARGET, **changes}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[str]:
    """Address of one server for a module's tests that need no empty mailbox."""
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="session")
def leaving() -> Iterator[Leaver]:
    """Stops servers while other tests run."""
    with leaver() as found:
        yield found


@pytest.fixture
def address(folder: Path, tmp_path: Path, leaving: Leaver) -> Iterator[str]:
    """Address of a server whose mailbox is empty."""
    with leaving.leaving(threaded(folder, tmp_path / "data")) as found:
        yield found


@pytest.fixture
def api(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client
