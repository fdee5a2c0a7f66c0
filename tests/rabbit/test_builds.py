"""RabbitMQ is in every build, loads when it is needed and not before, and works under each build's own policy."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from app.core.programs.rabbit import Access
from tests.kit.browser import Watch, place, wait_ready
from tests.kit.rabbit import Rabbit
from tests.rabbit.conftest import Programs

CONSUME = """async (access) => {
  const { build } = document.documentElement.dataset;
  const broker = await import(new URL(`${build}/static/js/broker.mjs`, document.baseURI).href);
  const intake = broker.consume(access);
  const seen = [];
  for (;;) {
    const event = await intake.next();
    if (event.light) {
      seen.push(JSON.parse(event.light).state);
      if (seen.at(-1) === 'stopped') return [seen, event.light];
      continue;
    }
    intake.settle('[]');
    intake.close();
    return [seen, new TextDecoder().decode(event.bytes)];
  }
}"""
LAZY = ("broker", "stomp", "amqp")


@pytest.mark.parametrize("where", ["built_site", "static_site", "one_file"])
def test_every_build_speaks_to_a_broker_under_its_own_policy(
    where: str, request: pytest.FixtureRequest, chromium: Browser, rabbit: Rabbit, programs: Programs, access: Access
) -> None:
    """``make run``, a static host under a path, and the one file: a message comes, heartbeats have their worker, and the first view has
    fetched nothing of it."""
    address = str(request.getfixturevalue(where))
    address += "" if where == "one_file" else "/"
    web = f"ws://127.0.0.1:{rabbit.web_port}"
    watch = Watch({place(address), urlsplit(web).netloc})
    context = chromium.new_context()
    watch.attach(context)
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda one: fetched.append(one.url))
    page.goto(address)
    wait_ready(page)
    assert not [url for url in fetched if any(f"/{name}" in urlsplit(url).path for name in LAZY)]
    page.evaluate("(hosts) => localStorage.setItem('nightshift:hosts', hosts)", json.dumps(["https://api.openai.com", web]))
    page.reload()
    wait_ready(page)
    programs.hand_in("from afar")
    text = json.dumps(
        {"settings": {"address": rabbit.address, "user": access.settings.user, "queue": "intake"}, "password": access.password}
    )
    # the program has named its hosts meanwhile, and these are its defaults: it allows what the policy of this load says
    seen, body = page.evaluate(CONSUME, text)
    assert (seen, body) == (["connecting", "on"], "from afar")
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())
