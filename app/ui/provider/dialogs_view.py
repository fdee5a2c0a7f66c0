"""The dialog in which a provider is made or changed."""

from __future__ import annotations

from typing import Any

from simple_html import div, span

from app.core.openai import kinds
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, chosen, field, typed
from app.ui.provider.actions import RemoveProfile, SaveProfile, TypeProfile
from app.ui.provider.dialogs import ProfileDialog


def profile(one: ProfileDialog) -> Node:
    profile = one.profile

    def entry(name: str, title: str, value: str, hint: Node = NOTHING, **more: Any) -> Node:
        return field(f"profile-{name}", title, typed(f"profile-{name}", value, TypeProfile(name), **more), hint=hint)

    address = "Up to and including /v1. The key goes to this URL and nowhere else."
    if (meant := kinds.tidy(profile.base_url)) != profile.base_url.strip().rstrip("/"):
        address = f"Azure OpenAI: its batches are at {meant}, which is what is stored."
    known = "Azure OpenAI" if kinds.is_azure(profile.base_url) else "OpenAI"
    return dialog(
        "provider",
        "Add a provider" if one.fresh else f"Edit {profile.name}",
        [
            entry("name", "Name", profile.name, data_autofocus=one.fresh, placeholder="Azure, research"),
            entry(
                "base_url",
                "Base URL",
                profile.base_url,
                address,
                inputmode="url",
            ),
            field(
                "profile-kind",
                "API type",
                chosen(
                    "profile-kind",
                    profile.kind,
                    [("", f"By base URL ({known})"), ("openai", "OpenAI-compatible"), ("azure", "Azure OpenAI")],
                    TypeProfile("kind"),
                ),
                hint="Azure uses endpoints without /v1, checks a file before a batch can use it, and expects a deployment’s name as model.",
            ),
            div(
                at("pair"),
                entry("purpose", "Upload purpose", profile.purpose),
                entry("window", "Completion window", profile.window),
                entry("max_requests", "Max requests per batch", str(profile.max_requests), inputmode="numeric"),
                entry(
                    "max_bytes",
                    "Max file size (bytes)",
                    str(profile.max_bytes),
                    "At most 200 MB. OpenAI refused uploads above about 150 MB.",
                    inputmode="numeric",
                ),
                entry(
                    "resend",
                    "Max retries per request",
                    str(profile.resend),
                    "Requests that did not run, or failed on the provider’s side, return to the queue automatically. 0: never.",
                    inputmode="numeric",
                ),
                entry(
                    "also",
                    "Allowed redirect hosts",
                    one.hosts,
                    "With https://, separated by spaces: where the provider keeps files. The key is never sent there.",
                    inputmode="url",
                ),
                entry(
                    "expires_after",
                    "Uploaded files expire after (days)",
                    str(profile.expires_after // kinds.DAY),
                    "0: the provider’s default. Azure takes 14 to 30; without expiry it keeps 500 files at most.",
                    inputmode="numeric",
                ),
            ),
            span(at("fault", role="alert"), one.fault) if one.fault else NOTHING,
        ],
        act("Remove this provider", RemoveProfile(profile.id), "quiet danger") if not one.fresh and profile.id != "openai" else NOTHING,
        act("Cancel", CloseDialog(), "quiet"),
        act("Save", SaveProfile(), "primary"),
    )
