"""An import never redirects a name: what this workspace knows by a name stays where it is, whatever a file calls by the same name.

A provider of the file that bears the id of one that is known here and lies at another address gets an id of its own and «(imported)» behind
its name, and all that the file means for it follows: its requests, batches, messages, limits, models and choices. One that bears only the
visible name of another gets the addition. This happens before merging as well as before replacing. Which addresses come with a file, and
which would change, is said before anything is done (:func:`addresses`). Pure: records in, records out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from app.core.model import keys, stored_names
from app.core.model.batches import Batch
from app.core.model.entries import RecordEntry, decoded, rewritten, with_fields
from app.core.model.providers import Profile
from app.core.model.records import Record
from app.core.model.segments import Segment
from app.core.model.settings import Automatic, BrokerSettings, Preferences
from app.core.programs import rabbit
from app.core.programs.message import ProgramMessage, Programs, ResultFile

IMPORTED: Final = " (imported)"
_OF_PROFILE: Final = ("limits", "modellist", "automatic")
"""Kinds of settings whose id is a profile's."""


class _Any(Record, frozen=True):
    """Any record at all."""


class Renamed(msgspec.Struct, frozen=True):
    """The file's records with names of their own, and which profile of the file has which id here. ``kept``: records of ours that a
    replacement must leave, since their name is not the file's to take."""

    entries: list[RecordEntry]
    ids: dict[str, str]
    kept: list[RecordEntry]


class Address(msgspec.Struct, frozen=True):
    """An address that differs after an import. ``what`` says what is there, ``new`` is the address, ``old`` the one before (empty:
    there was none), ``note`` a sentence on what stays or follows."""

    what: str
    new: str
    old: str = ""
    note: str = ""


def place(profile: Profile) -> str:
    """Where calls to a provider go, so that two ways of writing one address are equal."""
    text = profile.base_url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return text
    default = {"https": 443, "http": 80}.get(parts.scheme.lower())
    return f"{parts.scheme.lower()}://{host}{f':{port}' if port not in (None, default) else ''}{parts.path}"


def profiles_in(entries: Iterable[RecordEntry]) -> dict[str, Profile]:
    """The providers among these records."""
    profiles = (decoded(Profile, entry) for entry in entries if entry.table == "settings" and entry.owner == "profile")
    return {profile.id: profile for profile in profiles if profile is not None}


def _folded(name: str) -> str:
    """A name as the eye reads it: no case, no spaces, no look-alikes of other widths."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def rename(
    ours: Iterable[RecordEntry], theirs: Iterable[RecordEntry], built_in: Mapping[str, Profile], fresh: Callable[[str], str]
) -> Renamed:
    """Give the file's providers names that mean nothing else here. ``built_in`` are the providers that are known without a record, on
    either side; ``fresh`` makes a new id with a prefix."""
    ours, theirs = list(ours), list(theirs)
    own = profiles_in(ours)
    known = {**built_in, **own}
    brought = profiles_in(theirs)
    for id, profile in built_in.items():  # what the file means for one that it has no record of
        if id not in brought and id in known and place(known[id]) != place(profile) and _mentions(theirs, id):
            brought[id] = profile
            theirs.append(_entry(profile))
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    for id, profile in brought.items():
        mine = known.get(id)
        if mine is not None and place(mine) != place(profile):
            again = next((each.id for each in own.values() if each.id != id and _same_copy(each, profile)), "")
            ids[id] = again or fresh("p")
            names[id] = profile.name + IMPORTED
        elif mine is None and any(
            _folded(other.name) == _folded(profile.name) and place(other) != place(profile) for other in known.values()
        ):
            names[id] = profile.name + IMPORTED
    if not names:
        return Renamed(theirs, {}, [])
    copied = {stored_names.row_id(stored_names.PROFILE, id) for id in ids}
    kept = [entry for entry in ours if entry.table == "settings" and entry.owner == "profile" and entry.id in copied]
    return Renamed([_follow(entry, ids, names) for entry in theirs], ids, kept)


def _same_copy(candidate: Profile, profile: Profile) -> bool:
    return candidate.name == profile.name + IMPORTED and place(candidate) == place(profile)


def _entry(profile: Profile) -> RecordEntry:
    return RecordEntry(
        "settings", stored_names.row_id(stored_names.PROFILE, profile.id), 1, msgspec.json.encode(profile).decode(), "profile"
    )


def _mentions(entries: Iterable[RecordEntry], id: str) -> bool:
    return any(_profile_of(entry) == id for entry in entries)


def _profile_of(entry: RecordEntry) -> str:
    """The provider that requests, a batch or a message are meant for; nothing for other records."""
    if entry.table == "segments" and keys.in_queue(entry.owner):
        return entry.owner.removeprefix(keys.QUEUE).partition("|")[0]
    if entry.table == "batches":
        batch = decoded(Batch, entry)
        return batch.lane.profile if batch is not None else ""
    if entry.table == "handed":
        message = decoded(ProgramMessage, entry)
        return message.lane.partition("|")[0] if message is not None else ""
    return ""


def _follow(entry: RecordEntry, ids: Mapping[str, str], names: Mapping[str, str]) -> RecordEntry:
    """A record of the file, with its provider under the id and the name that it has here."""
    if entry.table == "settings":
        return _setting(entry, ids, names)
    id = ids.get(_profile_of(entry))
    if id is None:
        return entry
    if entry.table == "segments" and decoded(Segment, entry) is not None:
        owner = f"{keys.QUEUE}{id}|{entry.owner.partition('|')[2]}"
        return rewritten(entry, {"owner": owner}, owner=owner)
    if entry.table == "batches":
        return rewritten(entry, {"lane": {**with_fields(entry)["lane"], "profile": id}})
    if entry.table == "handed":
        return rewritten(entry, {"lane": f"{id}|{with_fields(entry)['lane'].partition('|')[2]}"})
    return entry


def _setting(entry: RecordEntry, ids: Mapping[str, str], names: Mapping[str, str]) -> RecordEntry:
    kind, _, id = entry.id.partition(":")
    if kind == "profile" and id in names:
        new = ids.get(id, id)
        return rewritten(
            entry, {"id": new, "name": names[id]}, id=stored_names.row_id(stored_names.PROFILE, new), rev=1 if id in ids else entry.rev
        )
    if kind == "history" and (lane := _lane(id, ids)) != id:
        return _moved(entry, stored_names.row_id(stored_names.HISTORY, lane), {"id": lane})
    if kind in _OF_PROFILE and id in ids:
        fields: dict[str, Any] = {"id": ids[id]}
        if kind == "automatic" and (chosen := decoded(Automatic, entry)) is not None:
            fields["held"] = [_lane(lane, ids) for lane in chosen.held]
            fields["opened"] = {_lane(lane, ids): at for lane, at in chosen.opened.items()}
        return _moved(entry, f"{kind}:{ids[id]}", fields)
    choice: Preferences | Programs | None = None
    if entry.owner == "preferences":
        choice = decoded(Preferences, entry)
    elif entry.owner == "programs":
        choice = decoded(Programs, entry)
    return entry if choice is None or choice.profile not in ids else rewritten(entry, {"profile": ids[choice.profile]})


def _moved(entry: RecordEntry, id: str, fields: dict[str, Any]) -> RecordEntry:
    """A record under another id; a damaged one with the text that it has."""
    if decoded(_Any, entry) is None:
        return msgspec.structs.replace(entry, id=id, rev=1)
    return rewritten(entry, fields, id=id, rev=1)


def _lane(key: str, ids: Mapping[str, str]) -> str:
    profile, bar, rest = key.partition("|")
    return f"{ids[profile]}{bar}{rest}" if profile in ids else key


# --- what an import would do to addresses


def quiet(theirs: list[RecordEntry], ours: Iterable[RecordEntry]) -> list[RecordEntry]:
    """The file's records, with RabbitMQ switched off where its address is not the one that is here: nobody connects by itself to an address
    that came with a file."""
    ours_broker = next((decoded(BrokerSettings, entry) for entry in ours if entry.id == "brokersettings:broker"), None)
    entries = []
    for entry in theirs:
        if entry.id == "brokersettings:broker" and entry.table == "settings":
            theirs_broker = decoded(BrokerSettings, entry)
            if (
                theirs_broker is not None
                and theirs_broker.on
                and (ours_broker is None or rabbit.secret_name(ours_broker) != rabbit.secret_name(theirs_broker))
            ):
                entry = rewritten(entry, {"on": False})
        entries.append(entry)
    return entries


def addresses(
    ours: Iterable[RecordEntry], theirs: Iterable[RecordEntry], built_in: Mapping[str, Profile], *, replaces: bool
) -> tuple[Address, ...]:
    """Every address that is another one after the import: of providers, of RabbitMQ, of pages' webhooks, and where results of programs
    would go. ``replaces``: the file's workspace is replaces this one; else the two are merged."""
    ours, theirs = list(ours), list(theirs)
    known = {**built_in, **profiles_in(ours)}
    said: list[Address] = []
    for id, profile in profiles_in(theirs).items():
        mine = known.get(id)
        if mine is not None and place(mine) != place(profile):
            said.append(Address(profile.name + IMPORTED, profile.base_url, "", f"{mine.name} stays at {mine.base_url}."))
        elif mine is None:
            said.append(Address(profile.name, profile.base_url))
        new = [host for host in profile.also if mine is None or host not in mine.also]
        said += [Address(f"{profile.name} may redirect to", host, note="The key is not sent there.") for host in new]
    said += _of_broker(ours, theirs, replaces=replaces)
    here, there = _choices(ours), _choices(theirs)
    if there is not None and (replaces or here is None):
        said += [Address("May be called by this page", host) for host in there.hosts if here is None or host not in here.hosts]
    before = _targets(ours)
    said += [Address("Results of programs go to", target) for target in sorted(_targets(theirs) - before)]
    return tuple(said)


def _of_broker(ours: list[RecordEntry], theirs: list[RecordEntry], *, replaces: bool) -> list[Address]:
    here, there = (
        next((decoded(BrokerSettings, entry) for entry in side if entry.table == "settings" and entry.id == "brokersettings:broker"), None)
        for side in (ours, theirs)
    )
    if there is None or (here is not None and (not replaces or rabbit.secret_name(here) == rabbit.secret_name(there))):
        return []
    note = "It is switched off until you switch it on, and the password that is here does not go there."
    return [Address("RabbitMQ", rabbit.host(there), "" if here is None else rabbit.host(here), note)]


def _choices(entries: Iterable[RecordEntry]) -> Programs | None:
    return next((decoded(Programs, entry) for entry in entries if entry.table == "settings" and entry.owner == "programs"), None)


def _targets(entries: Iterable[RecordEntry]) -> set[str]:
    """Where results would be sent that are not delivered yet."""
    found = set()
    for entry in entries:
        if entry.table == "handed" and entry.state in ("waiting", "due", "failed"):
            message = decoded(ProgramMessage, entry)
            if message is not None and message.where and not isinstance(message.target, ResultFile):
                found.add(_host(message.where))
    return found


def _host(where: str) -> str:
    """Of a webhook its scheme and host; anything else as it is."""
    try:
        parts = urlsplit(where)
    except ValueError:
        return where
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else where
