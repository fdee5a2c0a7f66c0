"""Provider profiles: made, changed and removed. What another tab did with them meanwhile is told first."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import text, urls
from app.core.batches.resend import MAX_LIMIT
from app.core.model.providers import Profile
from app.core.openai import base_urls, kinds
from app.core.queue.lanes import MAX_BYTES
from app.services.provider.profiles import ProviderUse
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.provider.actions import (
    AddProfile,
    AllowRedirect,
    ExpireFiles,
    OpenProfile,
    RemoveProfile,
    SaveProfile,
    TypeProfile,
)
from app.ui.provider.dialogs import ProfileDialog
from app.ui.provider.handlers import refresh_profiles, use


def add(context: Context, _action: AddProfile, _event: Event) -> None:
    context.state.dialog = ProfileDialog(context.services.profiles.fresh(), fresh=True)


def open_profile(context: Context, action: OpenProfile, _event: Event) -> None:
    if action.id in context.state.provider.profiles:
        context.state.dialog = ProfileDialog(
            context.state.provider.profiles[action.id], fresh=False, seen=context.state.provider.profiles[action.id]
        )


def type_profile(context: Context, action: TypeProfile, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, ProfileDialog):
        return
    value: str | int = event.text
    if action.name in ("max_requests", "max_bytes", "resend", "expires_after"):
        digits = text.ungrouped(event.text)
        value = int(digits) if digits.isdecimal() and len(digits) < 12 else 0
    if action.name == "expires_after":
        value *= kinds.DAY
    if action.name == "also":
        dialog.also, dialog.fault = event.text, ""
        return
    if action.name == "kind" and value not in ("", "openai", "azure"):
        return
    if action.name in ("name", "base_url", "purpose", "window", "max_requests", "max_bytes", "resend", "expires_after", "kind"):
        dialog.profile = replace(dialog.profile, **{action.name: value})
        dialog.fault = ""


def _fault(profile: Profile, hosts: list[str]) -> str:
    """What is wrong with a profile, as a sentence."""
    if not profile.name.strip():
        return "Give the provider a name."
    if wrong := base_urls.check_base_url(profile.base_url):
        return wrong
    if not profile.purpose.strip() or not profile.window.strip():
        return "Upload purpose and completion window cannot be empty; OpenAI's are “batch” and “24h”."
    if not 1 <= profile.max_requests <= 1_000_000:
        return "Max requests per batch: a whole number from 1. OpenAI takes 50,000."
    if not 1_000 <= profile.max_bytes <= MAX_BYTES:
        return f"Max file size: a whole number from 1,000 to {text.number(MAX_BYTES)}."
    if not 0 <= profile.resend <= MAX_LIMIT:
        return f"Max retries: a whole number from 0 (never) to {MAX_LIMIT}."
    for host in hosts:
        if wrong := base_urls.check_base_url(host):
            return f"Redirect hosts, {host[:60]}: {wrong}"
    least, most = (one // kinds.DAY for one in kinds.EXPIRES[kinds.kind_of(profile)])
    if profile.expires_after and not least <= profile.expires_after // kinds.DAY <= most:
        return f"Uploaded files expire: 0 (the provider’s default), or a whole number of days from {least} to {most}."
    return ""


async def allow_host(context: Context, action: AllowRedirect, _event: Event) -> None:
    profile = context.state.provider.profiles.get(action.id)
    if profile is None or profile.practice or base_urls.check_base_url(action.origin) is not None:
        return
    await context.services.profiles.save(replace(profile, also=tuple(sorted({*profile.also, urls.origin(action.origin)}))))
    await refresh_profiles(context)
    reload = " Reload the page to continue." if context.state.provider.reload_needed else ""
    context.toast(f"{profile.name} may now redirect this page to {urls.origin(action.origin)}. The key is not sent there.{reload}")


async def expire_files(context: Context, action: ExpireFiles, _event: Event) -> None:
    profile = context.state.provider.profiles.get(action.id)
    if profile is None or profile.practice:
        return
    await context.services.profiles.save(replace(profile, expires_after=kinds.REMEDY))
    await refresh_profiles(context)
    days = kinds.REMEDY // kinds.DAY
    context.toast(f"Files that are uploaded to {profile.name} from now on expire after {days} days there. Submit the requests again.")


@once
async def save(context: Context, _action: SaveProfile, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, ProfileDialog):
        return
    typed = dialog.profile
    hosts = dialog.hosts.split()
    profile = replace(dialog.profile, name=dialog.profile.name.strip(), base_url=kinds.tidy(dialog.profile.base_url))
    dialog.fault = _fault(profile, hosts)
    if dialog.fault:
        return
    profile = replace(profile, also=tuple(dict.fromkeys(urls.origin(host) for host in hosts)))
    if not dialog.fresh and (theirs := await context.services.profiles.stored(profile.id)) is not None and dialog.seen is not None:
        changed = [name for name in Profile.__struct_fields__ if getattr(theirs, name) != getattr(dialog.seen, name)]
        mine = [
            name for name in changed if name in EDITED and getattr(profile, name) not in (getattr(dialog.seen, name), getattr(theirs, name))
        ]
        kept = {
            name: getattr(theirs, name) for name in changed if name not in mine and getattr(profile, name) == getattr(dialog.seen, name)
        }
        profile = replace(profile, **kept)  # what the other tab changed and nobody touched here
        if mine:
            dialog.seen, dialog.profile = theirs, replace(dialog.profile, **kept)  # saved again, it is written over with open eyes
            said = "; ".join(f"{name.replace('_', ' ')}: “{text.shorten(str(getattr(theirs, name)), 80)}”" for name in mine)
            dialog.fault = (
                f"Another tab changed this provider since you opened it; nothing was saved. There: {said}. Save again to keep yours."
            )
            return
    before = context.state.provider.profiles.get(profile.id)
    moved = before is not None and urls.origin(before.base_url) != urls.origin(profile.base_url)
    lost = False
    if before is not None and moved:
        if open_batches := (await context.services.profiles.use(profile.id)).batches:
            dialog.fault = (
                f"{text.count(open_batches, 'batch')} of this provider {'is' if open_batches == 1 else 'are'} still under way. "
                "Their answers are at the current address; change it when they have ended."
            )
            return
        lost = await context.services.profiles.has_key(before.id)
        await context.services.profiles.remove_key(profile.id)  # before the address: at no moment does the new one have the old one's key
        context.state.provider.typed_keys.pop(profile.id, None)
        context.state.provider.key_test = None
    await context.services.profiles.save(profile)
    if context.state.dialog is dialog and dialog.profile == typed:  # else something was typed while it was being saved
        context.close(dialog)
    await refresh_profiles(context)
    await context.refresh_queue()  # its batches may be cut otherwise now
    if lost:
        context.toast(
            f"{profile.name} has another address now, so its key was removed: a key is only sent to the address it was entered for."
        )


EDITED = ("name", "base_url", "purpose", "window", "max_requests", "max_bytes", "resend", "also", "expires_after", "kind")
"""What the dialog edits."""


def _still_needed(use: ProviderUse) -> str:
    """Why a provider cannot be removed; nothing if it can."""
    batches = text.count(use.batches, "batch") + " on the way" if use.batches else ""
    waiting = text.count(use.requests, "request") + " in the queue" if use.requests else ""
    if not batches and not waiting:
        return ""
    do = "Let them finish or cancel them" if not waiting else "Submit or delete the requests" if not batches else "Finish them"
    return f"This provider is still needed: {' and '.join(one for one in (batches, waiting) if one)}. {do}, then remove it."


@once
async def remove(context: Context, action: RemoveProfile, _event: Event) -> None:
    profile = context.state.provider.profiles.get(action.id)
    if profile is None or profile.practice or profile.id == "openai":
        return
    asked = context.state.dialog
    if needed := _still_needed(await context.services.profiles.use(action.id)):
        if isinstance(asked, ProfileDialog):
            asked.fault = needed
        else:
            context.toast(needed)
        return
    in_use, had_key = context.state.preferences.profile == action.id, await context.services.profiles.has_key(profile.id)
    await context.services.profiles.remove(action.id)
    await context.services.limits.drop(action.id)
    context.close(asked)
    await refresh_profiles(context)

    async def undo() -> None:
        await context.services.profiles.save(profile)
        await refresh_profiles(context)
        if in_use and context.state.preferences.profile == "practice":
            await use(context, profile.id)
        if had_key:
            context.toast(f"{profile.name} was restored, without its key: enter it again.")

    context.toast(f"Removed {profile.name} and its key." if had_key else f"Removed {profile.name}.", undo)


HANDLERS: dict[type[Action], Handler] = {
    AddProfile: add,
    OpenProfile: open_profile,
    TypeProfile: type_profile,
    SaveProfile: save,
    ExpireFiles: expire_files,
    AllowRedirect: allow_host,
    RemoveProfile: remove,
}
