"""The choices about programs: where their requests go, how results are delivered, and which hosts the page may call."""

from __future__ import annotations

from simple_html import code, div, h2, header, p, section, span

from app.core.base import urls
from app.core.queue.waiting import programs_wait
from app.ui.base.actions import AskEnd, ReloadPage
from app.ui.base.help_links import help_link
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, chosen, command, field, note, pill, text_input, typed
from app.ui.base.state import State
from app.ui.programs.actions import (
    AllowHost,
    ChooseProgramsProvider,
    ChooseTries,
    ChooseTriesOver,
    ForbidHost,
    MakeSecret,
    SaveSecret,
    SwitchPrograms,
    TypeHost,
    TypeSecret,
)

_TRIES = [(str(n), "once" if n == 1 else f"{n} times") for n in (1, 2, 3, 5, 8, 12)]
_OVER = [("600", "ten minutes"), ("3600", "an hour"), ("21600", "6 hours"), ("86400", "a day")]


def choices(state: State) -> Node:
    """The settings of the room."""
    programs = state.programs
    one = programs.settings
    known = [("", f"the default provider ({state.profile.name})"), *((id, each.name) for id, each in state.provider.profiles.items())]
    return section(
        at("card", aria_label="Integration settings"),
        header({}, h2({}, "Integration settings"), span(at("end"), help_link("api", "API reference"))),
        div(
            at("pad stack"),
            field(
                "programs-provider",
                "Their requests go to",
                chosen("programs-provider", one.profile, known, ChooseProgramsProvider()),
                hint=programs_wait(state.queue.automatic, state.provider.profiles.get(one.profile, state.profile)),
            ),
            div(
                at("row wrap"),
                field("programs-tries", "A result is sent at most", chosen("programs-tries", str(one.tries), _TRIES, ChooseTries())),
                field(
                    "programs-over",
                    "with exponential backoff, up to",
                    chosen("programs-over", f"{one.over:.0f}", _OVER, ChooseTriesOver()),
                ),
            ),
            checkbox("Deliver failures too, so that no program waits forever", one.failures, SwitchPrograms("failures")),
            checkbox("Deliver in order for each target", one.ordered, SwitchPrograms("ordered")),
            checkbox("Addresses of this machine and of private networks may be called", one.private, SwitchPrograms("private")),
            _hosts(state),
        ),
    )


def _hosts(state: State) -> Node:
    programs = state.programs
    seen = {urls.origin(row.where) for row in programs.rows if row.transport == "http"}
    lost = {one.name for one in state.damage.found if one.table == "vault" and one.id.startswith("webhook:")}
    hosts = sorted({*programs.settings.hosts, *seen, *lost, programs.shown_secret[0]} - {""})
    through = programs.server in ("taking", "waiting")
    words = (
        "Webhooks are called through the local server, except for hosts that this page may call itself."
        if through
        else "This page calls webhooks itself, and only on the hosts allowed here. They must allow web pages (CORS)."
    )
    return div(
        at("stack tight"),
        h2({}, "Webhooks"),
        p(at("dim"), words),
        note(
            "info",
            "A host was added.",
            "Reload the page to be able to call it; nothing is lost.",
            command(state, ReloadPage(), "small"),
        )
        if state.provider.reload_needed
        else NOTHING,
        [_host(state, host) for host in hosts],
        div(
            at("row wrap"),
            field(
                "programs-host",
                "Host",
                typed("programs-host", programs.typed_host, TypeHost(), placeholder="https://hooks.example.com"),
                faults=[programs.host_fault] if programs.host_fault else [],
            ),
            act("Allow this host", AllowHost(), "small"),
        ),
    )


def _host(state: State, host: str) -> Node:
    programs = state.programs
    allowed, signed = host in programs.settings.hosts, host in programs.secrets
    shown = programs.shown_secret[1] if programs.shown_secret[0] == host else ""
    return div(
        at("stack tight", data_host=host),
        p(at("mono"), host),
        div(
            at("row wrap"),
            pill("good", "called by this page") if allowed else pill("wait", "not called by this page"),
            pill("warn", "secret locked") if host in programs.locked else pill("good", "signed") if signed else NOTHING,
            act("Stop calling it", ForbidHost(host), "quiet small") if allowed else act("Allow", AllowHost(host), "quiet small"),
            act("Forget its secret …", AskEnd("secret", host), "quiet small danger")
            if signed
            else act("Make a secret", MakeSecret(host), "quiet small"),
        ),
        note("good", "This secret is shown once. Give it to the receiver:", code(at(data_secret=True), shown)) if shown else NOTHING,
        div(
            at("row wrap"),
            div(
                at("field"),
                text_input(
                    f"secret-{host}",
                    programs.typed_secrets.get(host, ""),
                    TypeSecret(host),
                    type="password",
                    placeholder="or enter one: whsec_…",
                    aria_label=f"Secret of {host}",
                ),
            ),
            command(state, SaveSecret(host), "quiet small"),
            span(at("fault", role="alert"), programs.signing_fault)
            if programs.signing_fault and programs.typed_secrets.get(host)
            else NOTHING,
        )
        if not signed
        else NOTHING,
    )
