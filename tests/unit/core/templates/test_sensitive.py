"""Secrets and personal data are named with column and rows, as a warning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.templates import sensitive

SK = "sk-" + "a1B2" * 8


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"use {SK} here", {"secret"}),
        ("AKIA" + "A1" * 8, {"secret"}),
        ("ghp_" + "a" * 36, {"secret"}),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", {"secret"}),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abcdefghijklmnop", {"secret"}),
        ("password: hunter2hunter", {"secret"}),
        ("API_KEY=abcdef123456", {"secret"}),
        ("write to ada.l+x@mail.example.org.", {"email"}),
        ("4111 1111 1111 1111", {"card"}),
        ("card 5500-0055-5555-5559,", {"card"}),
        ("4111 1111 1111 1112", set()),
        ("4444444444444444", set()),
        ("DE89 3704 0044 0532 0130 00", {"iban"}),
        ("GB82WEST12345698765432", {"iban"}),
        ("DE89 3704 0044 0532 0130 01", set()),
        ("call +49 (30) 901820-99", {"phone"}),
        ("ISBN 978-3-16-148410-0, order 20240131123456", set()),
        ("078-05-1120", {"ssn"}),
        ("000-05-1120 and 2024-01-31", set()),
        ("my password is forgotten, @home, task-list, eyJ", set()),
        ("a" * 200_000, set()),
        ("", set()),
    ],
)
def test_what_a_text_seems_to_hold(text, kinds):
    """Forms with check digits, prefixes of well-known services; no dates, numbers of orders, or words alone."""
    assert sensitive.kinds_in(text) == kinds


def test_columns_and_rows_are_named():
    """Only of columns that are used; secrets come first."""
    rows = [("a@b.example", "x", SK), ("", SK, "x@y.example"), ("c@d.example", "", "")]
    scan = sensitive.SensitiveScan(("mail", "note", "unused"), ("mail", "note"))
    for number, row in enumerate(rows):
        scan.add(number, row)
    secret, mail = scan.found()
    assert (secret.column, secret.kind, [*secret.rows]) == ("note", "secret", [1])
    assert secret.sentence == "note seems to hold a key or password in 1 row."
    assert mail.sentence == "mail seems to hold an e-mail address in 2 rows."
    first, second = sensitive.warnings(scan.found())
    assert (first.severity, first.item, second.remedy) == (
        "advice",
        "note",
        "Look at row 1. Leave the column out, or send it if that is meant.",
    )
    assert SK not in str(scan.found()) + str(sensitive.warnings(scan.found()))


def test_a_hostile_cell_costs_no_more_than_its_length():
    """No pattern goes back and forth over what almost fits."""
    import time

    for text in ("a" * 50_000 + "@", "1 " * 50_000, "A" * 99_999, "a.b@" + "c." * 40_000, "password = " * 9_000, "AB12 " * 20_000):
        began = time.process_time()
        sensitive.kinds_in(text)
        assert time.process_time() - began < 5


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("shoes", "of 2019", "x" * 30_000, "", "+")),
            st.sampled_from(("a@b.org", "4111 1111 1111 1111", "hats", "password: hunter2hunter", "y" * 120_000, "49 151 2345678")),
        ),
        max_size=40,
    )
)
def test_rows_together_hold_what_they_hold_one_by_one(rows):
    """Whatever stands at the end of one cell and the beginning of the next."""
    one_by_one, together = sensitive.SensitiveScan(("a", "b")), sensitive.SensitiveScan(("a", "b"))
    for n, row in enumerate(rows):
        one_by_one.add(n, row)
    for at in range(0, len(rows), 25):
        together.add_rows(range(at, min(at + 25, len(rows))), rows[at : at + 25])
    assert [(one.column, one.kind, list(one.rows)) for one in together.found()] == [
        (one.column, one.kind, list(one.rows)) for one in one_by_one.found()
    ]
