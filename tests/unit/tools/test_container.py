"""The Dockerfile and the compose file, as far as they can be checked without a Docker engine."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from app.gateway.http.settings import SettingError, settings
from tools import headless

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_every_module_that_the_image_runs_is_there() -> None:
    """Those of its build, of its health check and of its command."""
    named = set(re.findall(r'-m"?,? ?"?((?:tools|app)\.[a-z_.]+)', DOCKERFILE))
    assert {"tools.headless", "tools.vendor", "tools.dist"} <= named
    assert [name for name in named if importlib.util.find_spec(name) is None] == []


def test_the_target_that_the_image_makes_is_one_of_the_makefile() -> None:
    """It installs what the server and the page's keeper need."""
    (target,) = re.findall(r"RUN make (\S+)", DOCKERFILE)
    assert f"$(VENV)/{Path(target).name}:" in (ROOT / "Makefile").read_text()


def test_nothing_that_the_build_needs_is_left_out_of_its_context() -> None:
    """What .dockerignore names is made anew, or is for people and tests."""
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert ignored.isdisjoint({"app", "static", "tools", "index.html", "pyscript.toml", "pyproject.toml", "Makefile"})
    assert {"static/vendor", ".venv", ".git"} <= ignored, "this machine's must not get into the image"


def image(environment: dict[str, str]) -> dict[str, str]:
    """The environment of the container: the image's and what compose adds, its own variables filled in."""
    stated = dict(re.findall(r"(\w+)=(\S+)", next(line for line in DOCKERFILE.splitlines() if line.startswith("ENV "))))

    def filled(value: str) -> str:
        return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: environment.get(found[1]) or (found[2] or ""), value)

    return {**stated, **{name: filled(value) for name, value in SERVICES["nightshift"]["environment"].items()}}


def test_the_container_starts_with_what_compose_gives_it(tmp_path: Path) -> None:
    """The server takes these settings, reaches the broker that compose starts, and takes its messages."""
    (tmp_path / "index.html").write_text("")
    given = image({"NIGHTSHIFT_TOKEN": "a-long-random-text-of-its-own", "RABBITMQ_PASSWORD": "secret", "OPENAI_API_KEY": "sk-1"})
    chosen = settings({**given, "NIGHTSHIFT_ROOT": str(tmp_path)})
    assert (chosen.host, chosen.port, str(chosen.data)) == ("0.0.0.0", 8000, "/data")  # noqa: S104  # a container's own network
    assert chosen.broker is not None
    assert chosen.broker.shown.host in SERVICES
    assert chosen.broker.password == "secret"
    assert chosen.broker.shown.input_queue == "batch_requests"
    assert headless.address(chosen) == "http://127.0.0.1:8000"


def test_the_container_does_not_start_open_to_the_network_without_a_token(tmp_path: Path) -> None:
    """Compose insists on one, and so does the server."""
    (tmp_path / "index.html").write_text("")
    assert ":?" in SERVICES["nightshift"]["environment"]["NIGHTSHIFT_TOKEN"]
    given = {**image({}), "NIGHTSHIFT_TOKEN": "", "NIGHTSHIFT_ROOT": str(tmp_path)}
    with pytest.raises(SettingError, match="NIGHTSHIFT_TOKEN"):
        settings(given)


def test_the_doors_of_the_containers_are_open_to_this_machine_only() -> None:
    """Whoever wants more says so."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_is_kept_lies_in_volumes() -> None:
    """The mailbox, the browser's profile with all of the page's data, and the broker's messages outlive the containers."""
    assert "VOLUME /data" in DOCKERFILE
    assert SERVICES["nightshift"]["volumes"] == ["data:/data"]
    assert SERVICES["rabbitmq"]["volumes"]
