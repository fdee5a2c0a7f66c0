"""What a program gave its batch goes to the provider beside what is ours, and what cannot is said."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.openai import recognition
from app.core.openai.metadata import KEY, MOST, VALUE, carried, not_carried
from tests.unit.core.openai.test_api import BATCH

OWN = recognition.OUR_ID
keys = st.sampled_from([OWN, "name", "k" * KEY, "k" * (KEY + 1)]) | st.text(max_size=6)
values = st.sampled_from(["v" * VALUE, "v" * (VALUE + 1)]) | st.text(max_size=6)


@given(st.dictionaries(keys, values, max_size=30), st.text(max_size=600))
def test_whatever_a_program_gives_a_batch_is_found_and_within_the_limits(given_, name):
    """16 pairs at most, keys of 64 and values of 512 characters at most; our id is ours. All else is passed on as it is, up to the limit,
    and every pair that is not is said."""
    found = recognition.metadata(replace(BATCH, name=name, metadata=given_))
    assert found[OWN] == BATCH.id
    assert len(found) <= MOST
    assert all(len(key) <= KEY and len(value) <= VALUE for key, value in found.items())
    kept, left = carried(given_, OWN)
    assert {**kept, **{key: given_[key] for key in left}} == given_
    assert kept.items() <= found.items()
    assert set(found) - set(kept) <= {OWN, "name"}
    good = [key for key, value in given_.items() if key != OWN and len(key) <= KEY and len(value) <= VALUE]
    assert list(kept) == good[: MOST - 1]
    said = not_carried(given_, OWN)
    assert bool(said) == bool(left)
    assert all(f"“{key[:KEY]}”" in said for key in left)


def test_a_full_set_loses_one_pair_and_says_so():
    """16 pairs of a program's leave no room for ours: the last one stays behind, and neither does our name fit."""
    given_ = {f"k{n}": "v" for n in range(16)}
    assert set(recognition.metadata(replace(BATCH, metadata=given_))) == {OWN, *(f"k{n}" for n in range(15))}
    assert not_carried(given_, OWN) == "metadata that was not passed on: “k15” (a batch takes 16 pairs, and one is Nightshift's)"


def test_a_programs_name_stays_and_our_id_does_not_become_its():
    """A program may call its batch as it likes; it cannot have a batch of ours taken for another."""
    found = recognition.metadata(replace(BATCH, name="First", metadata={"name": "theirs", OWN: "b-other"}))
    assert found == {OWN: BATCH.id, "name": "theirs"}
    assert not_carried({OWN: "b-other"}, OWN) == f"metadata that was not passed on: “{OWN}” (that key is Nightshift's own)"


def test_without_a_programs_it_is_as_ever():
    """Our id and our name."""
    assert recognition.metadata(replace(BATCH, name="First")) == {OWN: BATCH.id, "name": "First"}
    assert not_carried({}, OWN) == ""
