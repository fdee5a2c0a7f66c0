"""Patterns that are compiled late."""

import importlib
import pkgutil
import re

import pytest

import app
from app.core.base import patterns
from app.core.base.patterns import pattern


def test_as_compiled() -> None:
    """A late pattern finds what a compiled one finds, again and again."""
    late = pattern("(a)(b)?", re.IGNORECASE)
    assert [found.groups() for found in late.finditer("xAB a")] == [("A", "B"), ("a", None)]
    assert late.fullmatch("AB")
    assert not late.fullmatch("b")
    assert (late.sub("-", "ab"), late.pattern) == ("-", "(a)(b)?")


def test_an_error_shows_at_the_first_use() -> None:
    """A wrong expression is an error of `re`, when it is used."""
    late = pattern("(")
    with pytest.raises(re.error):
        late.match("")


@pytest.mark.slow
def test_every_pattern_of_the_program_compiles() -> None:
    """No module holds an expression that only its first use would show to be wrong."""
    found = 0
    for room in ("core", "services", "ui", "practice"):
        package = importlib.import_module(f"{app.__name__}.{room}")
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(one.name)).values():
                if isinstance(value, patterns._Pattern):
                    found += 1
                    assert value.pattern
    assert found >= 30
