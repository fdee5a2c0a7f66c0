"""Providers' base addresses: which can be used, and which origin the page's policy must allow for one."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from app.core.base.patterns import pattern
from app.core.model.providers import Profile

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})


_HOST: Final = pattern(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # as static/js/policy.js takes them


def check_base_url(text: str) -> str | None:
    """What is wrong with a provider's base address, as a sentence; None if it can be used."""
    text = text.strip()
    if not text:
        return "Enter the provider's base address, for example https://api.openai.com/v1."
    if any(c.isspace() or ord(c) < 32 for c in text) or "\\" in text:
        return "An address has no spaces or backslashes."
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not a valid address."
    if parts.scheme not in ("http", "https"):
        return "The address must begin with https://."
    if not host:
        return "The address names no host."
    if "@" in parts.netloc:
        return "The address must not contain a name or a key: enter the key in its own field."
    if "?" in text or "#" in text:
        return "The address must not contain ? or #."
    if not _HOST.fullmatch(host):
        return "A page's policy can name only hosts made of a-z, 0-9, “.” and “-”: write 127.0.0.1 for [::1], and xn--… for other letters."
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        return "Over http:// the key could be read in transit. Use https:// (http:// only for this machine: localhost, 127.0.0.1)."
    return None


def leaves_the_machine(profile: Profile) -> bool:
    """Whether calls to a provider need a network: it is neither the practice provider in the page nor at an address of this machine."""
    if profile.practice:
        return False
    try:
        return (urlsplit(profile.base_url.strip()).hostname or "") not in LOCAL_HOSTS
    except ValueError:
        return True
