"""Addresses as the page's policy sees them."""

import ast
from pathlib import Path

import pytest

from app.core.base import urls

CORE = Path(__file__).resolve().parents[4] / "app" / "core"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (" https://API.example.org:443/v1?x=1 ", "https://api.example.org"),
        ("https://example.org:8443/", "https://example.org:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("wss://broker.example:443/ws", "wss://broker.example"),
        ("ws://localhost:15674/ws", "ws://localhost:15674"),
        ("wss://broker.example:80/ws", "wss://broker.example:80"),
    ],
)
def test_an_origin_is_written_as_a_policy_lists_it(address: str, origin: str) -> None:
    """Scheme and host in small letters, the port where it is not the usual one, and nothing else."""
    assert urls.origin(address) == origin


@pytest.mark.slow
def test_usual_ports_are_said_in_one_place() -> None:
    """No other module of core knows which port a scheme has, but for the comparison of two ways to write one address."""
    found = {
        path.relative_to(CORE).as_posix()
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict) and any(isinstance(value, ast.Constant) and value.value == 443 for value in node.values)
    }
    assert found == {"base/urls.py", "workspace/renaming.py"}
