"""One record edited in two tabs: nothing that either changed is lost without a word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.edits import Clash, fingerprint, merged
from app.core.model.settings import BrokerSettings

FIELDS = ("address", "user", "queue")
SEEN = BrokerSettings(id="broker", address="a", user="u", queue="q")
changes = st.dictionaries(st.sampled_from((*FIELDS, "exchange")), st.sampled_from(("a", "u", "q", "x", "y")))


@pytest.mark.slow
@given(changes, changes)
def test_what_one_tab_changed_is_kept_and_what_both_changed_is_told(here: dict[str, Any], there: dict[str, Any]) -> None:
    """Field by field; saved again after it was told, this tab's text stays, and so does all else of the other's."""
    mine, theirs = replace(SEEN, **here), replace(SEEN, **there)
    both = {
        one
        for one in FIELDS
        if getattr(mine, one) != getattr(SEEN, one) and getattr(theirs, one) not in (getattr(SEEN, one), getattr(mine, one))
    }
    if both:
        with pytest.raises(Clash) as told:
            merged("it", mine, SEEN, theirs, FIELDS)
        assert {one for one in FIELDS if f"{one}: “{getattr(theirs, one)}”" in str(told.value)} == both
        found = merged("it", told.value.mine, told.value.theirs, theirs, FIELDS)
    else:
        found = merged("it", mine, SEEN, theirs, FIELDS)
    for one in FIELDS:
        changed = getattr(mine, one) != getattr(SEEN, one)
        assert getattr(found, one) == getattr(mine if changed else theirs, one)
    assert found.exchange == theirs.exchange  # what is not edited here stays as it stands there


def test_a_long_text_is_told_in_part() -> None:
    """A field of the other tab's may be of any length."""
    with pytest.raises(Clash) as told:
        merged("it", replace(SEEN, queue="mine"), SEEN, replace(SEEN, queue="x" * 9_999), FIELDS)
    assert len(str(told.value)) < 300


def test_a_fingerprint_tells_only_whether_it_is_the_same() -> None:
    """No secret stands in it, and none has none."""
    assert fingerprint(None) == fingerprint("") == 0
    assert fingerprint("sk-1") == fingerprint("sk-1") != fingerprint("sk-2")
    assert "sk-1" not in str(fingerprint("sk-1"))
