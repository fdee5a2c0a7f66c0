"""A provider's key: as it is in the settings, and its field wherever someone needs a key that is not there."""

from __future__ import annotations

from simple_html import b, div, input_, p, section, span

from app.core.base import text
from app.core.model.providers import Profile
from app.ui.base.actions import AskEnd
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, command, field, keys_of, note, pill, problem_note
from app.ui.base.provider_state import KeyState
from app.ui.base.state import State
from app.ui.provider.actions import RememberKey, ReplaceKey, SaveKey, TestKey, TypeKey, remembers


def key(state: State, profile: Profile) -> Node:
    """In the settings."""
    known = state.provider.keys.get(profile.id, KeyState())
    if known.locked:
        return div(
            at("row wrap"),
            pill("warn", "locked"),
            span(at("dim grow few"), "under your passphrase: unlock it below"),
            act("Remove the key …", AskEnd("key", profile.id), "small danger"),
        )
    if not known.present:
        return key_field(state, profile)
    replacing = profile.id in state.provider.replacing or bool(state.provider.typed_keys.get(profile.id))
    return [_known(state, profile, known, replacing), key_field(state, profile, "New API key") if replacing else NOTHING]


def _known(state: State, profile: Profile, known: KeyState, replacing: bool) -> Node:
    kept = "on this machine, under your passphrase" if state.lock.guard == "open" else "encrypted in this browser"
    where = kept if known.remembered else "in this tab's memory only, gone when it is closed"
    return div(
        at("row wrap"),
        span(at("mono", data_secret=True), known.masked),
        span(at("dim grow few"), where),
        command(state, TestKey(profile.id), "small"),
        act("Keep this key" if replacing else "Replace the key", ReplaceKey(profile.id), "small"),
        act("Remove the key …", AskEnd("key", profile.id), "small danger"),
    )


def key_field(state: State, profile: Profile, title: str = "API key") -> Node:
    """Where a key is entered. What is typed is in the field, never in markup."""
    remember, under = remembers(state, profile.id), state.lock.guard == "open"
    hint = (
        "Other pages opened from files on this machine could read what is stored here, "
        "so the key is kept in memory unless you choose otherwise."
        if state.browser.setting == "file" and not under
        else "Encrypted before it is stored, and sent to this base URL only."
    )
    wanted = state.provider.wanted
    focus = str(wanted.n) if wanted is not None and wanted.profile == profile.id else None
    return div(
        at("stack tight"),
        field(
            f"key-{profile.id}",
            title,
            lambda **tied: input_(
                at(
                    id=f"key-{profile.id}",
                    type="password",
                    data_own=True,
                    data_autofocus=focus,
                    input=TypeKey(profile.id),
                    autocomplete="off",
                    data_key=keys_of(SaveKey(profile.id)),
                    **tied,
                )
            ),
            hint=hint,
            faults=[fault] if (fault := state.provider.key_faults.get(profile.id)) else [],
        ),
        div(
            at("row wrap"),
            span(
                at("grow"),
                checkbox(f"Remember on this machine{', under your passphrase' if under else ''}", remember, RememberKey(profile.id)),
            ),
            command(state, SaveKey(profile.id), "primary small"),
        ),
    )


def tested(state: State, profile: Profile) -> Node:
    """How the last test of its key ended."""
    test = state.provider.key_test
    if test is None or test.profile != profile.id:
        return NOTHING
    if test.good:
        return note("good", "The key works.", f"The provider answered with {text.count(test.models, 'model')}. Nothing was billed.")
    return problem_note(test.problem) if test.problem is not None else NOTHING


def wanted_key(state: State, profile: Profile | None, until: str) -> Node:
    """The field, where someone would submit to a provider that has no key here; then how its test ended. ``until``: what can be done
    without it."""
    if profile is None or profile.practice:
        return NOTHING
    known = state.provider.keys.get(profile.id, KeyState())
    if known.present and state.provider.entered != profile.id:
        return NOTHING
    if known.locked:
        from app.ui.provider.lock_view import unlock

        words = [p({}, b({}, f"The key for {profile.name} is locked. "), f"{until}{_then(state, profile)}"), unlock(state, "here")]
        return section(at("card pad stack tight", aria_label=f"Key of {profile.name}"), words)
    return section(at("card pad stack tight", aria_label=f"Key of {profile.name}"), _asked(state, profile, known, until))


def _then(state: State, profile: Profile) -> str:
    """What is done after it."""
    wanted = state.provider.wanted
    return f" Then this continues: {wanted.words}." if wanted is not None and wanted.profile == profile.id else ""


def _asked(state: State, profile: Profile, known: KeyState, until: str) -> Node:
    if not known.present:
        return [p({}, b({}, f"No key for {profile.name} yet. "), f"{until}{_then(state, profile)}"), key_field(state, profile)]
    if f"test:{profile.id}" in state.busy:
        return p(at("dim", role="status"), f"Asking {profile.name} whether the key works …")
    test = state.provider.key_test
    bad = test is not None and test.profile == profile.id and not test.good
    return [tested(state, profile), key_field(state, profile, "Another API key") if bad else NOTHING]
