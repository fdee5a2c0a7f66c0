"""Whose batch it is. A batch belongs to the provider's account whose key made it. With a key of another account nothing is concluded about
it: not that it is not there, and not that it may be made, cancelled or fetched.

A batch carries the random name of its account, which says nothing about the key. Which keys belong to which accounts is known in this
browser only and never exported (:class:`KnownKey`): a key is recognised by a digest under a secret of this browser (:class:`KeySalt`), so
that nobody can test a key against a file that left it. An account is kept for each pair of address and key: a provider's profile that is
pointed at another server asks another account as well.
"""

from __future__ import annotations

from typing import Final, Literal

from app.core.model import stored_names
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.records import Record
from app.core.model.remote import Remote
from app.core.openai.problems import Call
from app.core.openai.recognition import OUR_ID

OTHER: Final = "other_account"
"""The code of the problem that nothing is decided with this key."""
PRACTICE: Final = "practice"
"""The account at the practice provider in the page: there is only one."""
_ROUNDS: Final = 2_000
"""Rounds of the digest: a few milliseconds in the page, once for each key."""

Fit = Literal["same", "unknown", "other"]


class KeySalt(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The secret of this browser under which keys are recognised. One record, id ``salt``; hexadecimal."""

    stored = stored_names.KEY_SALT
    salt: str


class KnownKey(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A key at an address (id: its fingerprint)."""

    stored = stored_names.KNOWN_KEY
    accounts: tuple[str, ...]
    """The accounts that it belongs to, by their names in batches; new batches carry the first."""
    profile: str = ""
    hint: str = ""
    """The key as it may be shown."""
    organization: str = ""
    """As the provider's answers state it, where a page may read that."""
    project: str = ""
    """As the provider's answers state it, where a page may read that."""
    since: float = 0.0
    """When it was first used here, in unix seconds."""

    @property
    def account(self) -> str:
        """The account that new batches are bound to."""
        return self.accounts[0] if self.accounts else ""


def fingerprint(salt: str, address: str, key: str) -> str:
    """What a key at an address is recognised by: 32 hexadecimal digits. ``salt`` as in :class:`KeySalt`."""
    import hashlib  # the start need not wait for it

    secret = salt.encode()[:64]
    found = hashlib.blake2b(f"{address.strip().rstrip('/')}\n{key}".encode("utf-8", "surrogatepass"), key=secret, digest_size=16).digest()
    for _ in range(_ROUNDS):
        found = hashlib.blake2b(found, key=secret, digest_size=16).digest()
    return found.hex()


def fit(batch: Batch, known: KnownKey) -> Fit:
    """Whether a key is one of the account that a batch is bound to. ``unknown``: it is bound to none yet (an older version made it)."""
    if not batch.account:
        return "unknown"
    return "same" if batch.account in known.accounts else "other"


def proves(remote: Remote, batch: Batch) -> bool:
    """Whether what a provider shows is our batch beyond doubt: it carries our random id, or was made from our file, under the id that we
    know (where we know one)."""
    if batch.remote is not None and batch.remote.id and remote.id != batch.remote.id:
        return False
    ours = remote.metadata.get(OUR_ID)
    if ours is not None:
        return ours == batch.id
    return bool(batch.input_file_id) and remote.input_file_id == batch.input_file_id


def other_account(call: Call, batch: Batch, profile: Profile, known: KnownKey, theirs: tuple[str, ...] = ()) -> Problem:
    """Nothing is decided about a batch with this key. ``theirs``: how the keys of its account are shown; none where they are not known in
    this browser."""
    name = profile.name or profile.base_url
    here = f"the current key ({known.hint})"
    if not batch.account:
        what = f"An older version of Nightshift made this batch. Whether {here} is of its account at {name} is not known."
        needed = "the key of that account"
    elif theirs:
        what = f"This batch belongs to the account of the key {' or '.join(theirs)} at {name}, and {here} shows no such batch."
        needed = f"the key {theirs[0]}"
    else:
        what = f"This batch belongs to an account at {name} whose key was not entered in this browser, and {here} shows no such batch."
        needed = "the key of that account"
    means = (
        "The batch may exist in its own account: created again, it could be billed twice. So nothing is created or cancelled."
        if call in ("list", "create", "upload")
        else "In its own account the batch continues, and what it answers is billed. With this key nothing can be concluded about it."
    )
    return Problem(
        code=OTHER,
        what=what,
        means=means,
        do=f"Enter {needed} in the settings. If the key was only renewed, say that both belong to the same account.",
        blame="person",
    )
