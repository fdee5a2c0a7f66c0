"""What must hold of the Python that the program finds, in CPython and in the page."""

import importlib
from decimal import Decimal

import msgspec


async def case_promised_modules_can_be_imported(promised: tuple[str, ...]) -> None:
    """Every module that the program may use is there."""
    missing = []
    for name in promised:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name}: {error}")
    assert not missing, missing


async def case_json_goes_both_ways() -> None:
    """msgspec encodes and decodes, also what is beyond the basic plane."""
    value = {"text": "\u2028 😀 é", "number": 0.1, "large": 2**53}
    assert msgspec.json.decode(msgspec.json.encode(value)) == value


async def case_decimals_are_exact() -> None:
    """The compiled decimal module answers, since its Python twin is left out."""
    assert str(Decimal("0.1") + Decimal("0.2")) == "0.3"
