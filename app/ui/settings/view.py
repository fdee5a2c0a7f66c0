"""Settings: providers and their keys, storage, appearance, and the practice provider's behaviour."""

from __future__ import annotations

from simple_html import a, code, details, div, h1, h2, header, p, section, span, summary

from app.core.base import text
from app.core.model.providers import Profile
from app.core.model.settings import Automatic
from app.core.prices.rates import dollars
from app.core.queue.auto_submit import MOST, Origin, waits
from app.ui.account.actions import ToggleClear
from app.ui.activity import notices_view
from app.ui.base.actions import ReloadPage
from app.ui.base.batches_state import KEEPING
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, checkbox, chosen, command, field, note, pill, segmented, typed
from app.ui.base.state import State
from app.ui.batches import budget_view, capacity_view
from app.ui.damage import view as damage_view
from app.ui.programs import rabbit_view
from app.ui.provider import key_view, lock_view
from app.ui.provider.actions import AddProfile, OpenProfile, UseProfile
from app.ui.queue.actions import SetAfter, TypeMinutes
from app.ui.settings.actions import FIGURES, AskPersist, SetFigures, SetKeeping, SetSpeed, SetTheme, ToggleTrap
from app.ui.settings.version_view import version
from app.ui.workspace import view as workspace_view

AFTER = [
    ("0", "never: I submit by hand"),
    ("300", "5 minutes after the first request"),
    ("900", "15 minutes after the first request"),
    ("3600", "1 hour after the first request"),
    ("21600", "6 hours after the first request"),
    ("86400", "24 hours after the first request"),
]
SPEEDS = [("0", "at once"), ("0.3", "3 seconds"), ("1", "10 seconds"), ("6", "one minute"), ("60", "ten minutes")]


def settings(state: State) -> Node:
    return [
        header(
            {},
            div({}, h1({}, "Settings"), p({}, "Everything stays in this browser.")),
        ),
        _reload(state),
        div(
            at("settings"),
            div(
                at("stack"),
                [_profile(state, profile) for profile in state.provider.profiles.values() if not profile.practice],
                lock_view.card(state),
                _add(state),
            ),
            div(
                at("stack"),
                damage_view.card(state),
                _practice(state),
                rabbit_view.card(state),
                _storage(state),
                workspace_view.card(state),
                _appearance(state),
                notices_view.card(state),
                version(state),
            ),
        ),
    ]


def _reload(state: State) -> Node:
    if not state.provider.reload_needed:
        return NOTHING
    return note(
        "info",
        "A new host was added.",
        "This page may call only the hosts that were configured when it was opened. Reload it to use the new one; nothing is lost.",
        command(state, ReloadPage(), "small"),
    )


def _add(state: State) -> Node:
    return div(
        at("card pad stack tight"),
        p(
            at("dim"),
            "Other providers with the same batch API: Azure OpenAI (paste the address of the resource), Groq, DeepInfra, Parasail, "
            "Doubleword, or a gateway of your own.",
        ),
        div(at("row wrap"), command(state, AddProfile())),
    )


def _profile(state: State, profile: Profile) -> Node:
    current = state.preferences.profile == profile.id
    return section(
        at("card", aria_label=f"Provider {profile.name}"),
        header(
            {},
            h2({}, profile.name or "Unnamed provider"),
            pill("good", "default") if current else NOTHING,
            span(
                at("row end"),
                NOTHING if current else act("Set as default", UseProfile(profile.id), "small"),
                act("Edit", OpenProfile(profile.id), "quiet small"),
            ),
        ),
        div(
            at("pad stack"),
            p(at("dim"), code({}, profile.base_url)),
            key_view.key(state, profile),
            key_view.tested(state, profile),
            _after(state, profile, "own"),
            _after(state, profile, "programs"),
            _clearing(profile),
            capacity_view.limits(state, profile),
            budget_view.budget(state, profile),
            _prices(state, profile),
        ),
    )


def _prices(state: State, profile: Profile) -> Node:
    from app.ui.provider import prices_view  # with the table of prices, which most pages never need

    return prices_view.provider_prices(state, profile)


def _clearing(profile: Profile) -> Node:
    """Whether files are deleted there once they are not needed."""
    return div(
        at("stack tight"),
        checkbox("Delete a batch's files there once its answers are stored here", bool(profile.clear), ToggleClear(profile.id)),
        p(
            at("dim"),
            "For batches that end from now on. Otherwise the provider keeps them, OpenAI for 30 days. ",
            a(at(href="#/batches/account"), "Look at them"),
        ),
    )


def _after(state: State, profile: Profile, kind: Origin) -> Node:
    """How long requests of one origin wait before they go out by themselves."""
    own = kind == "own"
    seconds = waits(state.queue.automatic.get(profile.id, Automatic(id=profile.id)), kind)
    typed_minutes = state.queue.minutes.get((profile.id, kind))
    listed = f"{seconds:.0f}" in dict(AFTER)
    goes = "Only while this page is open." + ("" if profile.practice else f" {profile.name} bills it.") if seconds else ""
    hint = goes if own else f"Retries included. {goes}".strip()
    entry = field(
        f"after-{kind}-{profile.id}",
        "Auto-submit requests added by hand" if own else "Auto-submit requests from programs",
        chosen(
            f"after-{kind}-{profile.id}",
            "other" if typed_minutes is not None or not listed else f"{seconds:.0f}",
            [*AFTER, ("other", "after another time")],
            SetAfter(profile.id, kind),
        ),
        hint=hint or NOTHING,
    )
    if typed_minutes is None and listed:
        return entry
    shown = f"{seconds / 60:g}" if typed_minutes is None else typed_minutes
    most = int(MOST / 60)
    good = shown.isdecimal() and 1 <= int(shown[:9]) <= most
    minutes = field(
        f"minutes-{kind}-{profile.id}",
        "Minutes",
        typed(f"minutes-{kind}-{profile.id}", shown, TypeMinutes(profile.id, kind), inputmode="numeric"),
        faults=[] if good else [f"A whole number from 1 to {text.number(most)}. Until then it stays at {text.span(seconds)}."],
    )
    return div(at("pair"), entry, minutes)


def _practice(state: State) -> Node:
    current = state.preferences.profile == "practice"
    speed = f"{state.preferences.practice_speed:g}"
    return section(
        at("card", aria_label="Practice provider"),
        header(
            {},
            h2({}, "Practice provider"),
            pill("good", "default") if current else NOTHING,
            NOTHING if current else span(at("end"), act("Set as default", UseProfile("practice"), "small")),
        ),
        div(
            at("pad stack"),
            p(
                at("dim"),
                "A provider inside this page that answers with simulated text. Nothing leaves this machine; no key, no cost.",
            ),
            field("speed", "A batch takes about", chosen("speed", speed, SPEEDS, SetSpeed())),
            _after(state, state.provider.profiles["practice"], "own"),
            _after(state, state.provider.profiles["practice"], "programs"),
            _traps(state),
            capacity_view.limits(state, state.provider.profiles["practice"]),
        ),
    )


def _traps(state: State) -> Node:
    chosen = state.preferences.practice_traps
    return details(
        at(open=bool(chosen)),
        summary({}, join(["Simulated failures", text.count(len(chosen), "fault") + " chosen" if chosen else NOTHING])),
        div(
            at("stack tight"),
            p(at("dim"), "Real providers do all of this now and then. Choose what to try."),
            div(at("traps"), [checkbox(said, name in chosen, ToggleTrap(name)) for name, said in state.traps]),
        ),
    )


def _storage(state: State) -> Node:
    usage = state.browser.usage
    words: Node = "The browser does not say how much space there is."
    if usage is not None:
        words = f"{text.size(usage.used)} used" + (
            f", {text.size(max(0, usage.quota - usage.used))} free for this page" if usage.quota else ""
        )
    kept = usage is not None and usage.persisted
    return section(
        at("card", aria_label="Storage"),
        header({}, h2({}, "Storage"), pill("good", "persistent") if kept else pill("warn", "not persistent")),
        div(
            at("pad stack tight"),
            p({}, words),
            p(
                at("dim"),
                "The browser promised not to clear it."
                if kept
                else "When the disk gets full, the browser may clear what this page stored. Ask it not to.",
            ),
            NOTHING if kept else div(at("row"), act("Enable persistent storage", AskPersist(), "small")),
            field(
                "keeping",
                "Keep ended batches",
                chosen("keeping", str(state.preferences.keep_days), KEEPING, SetKeeping()),
                hint="A batch is removed only if its answers were downloaded after they arrived, or its requests returned to the queue.",
            ),
        ),
    )


def _appearance(state: State) -> Node:
    themes = [("system", "System"), ("light", "Light"), ("dark", "Dark")]
    options = [(one, title, SetTheme(one)) for one, title in themes]
    return section(
        at("card", aria_label="Appearance"),
        header({}, h2({}, "Appearance"), span(at("end"), segmented("Theme", state.preferences.theme, options))),
        div(
            at("pad stack"),
            field(
                "figures",
                "Language of numbers and dates",
                chosen("figures", state.preferences.figures, FIGURES, SetFigures()),
                hint=f"{text.decimal(1234.5, 1)} · {dollars(1_234_500_000_000_000)} · {text.clock(state.now, offset=state.zone)}. "
                "Files, exports and what programs get are the same in all of them.",
            ),
        ),
    )
