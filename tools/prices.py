"""Write ``app/core/prices/table.py``: what providers ask for a token, cut from genai-prices (tools/locks/prices.txt).

``python -m tools.prices`` fetches the pinned package and rewrites the module; it is committed, so that no build and no test needs the
network. Prices whose time has not come on :data:`DATE` are left out, and so is what is no price of text tokens (images, audio, searches).
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tools" / "locks" / "prices.txt"
TARGET = ROOT / "app" / "core" / "prices" / "table.py"
DATE: Final = date(2026, 11, 29)
"""The day for which the table is cut."""
PROVIDERS: Final = ("openai", "anthropic", "azure", "google", "groq", "mistral")
FIELDS: Final = {"input_mtok": "in", "cache_read_mtok": "cached", "cache_write_mtok": "write", "output_mtok": "out"}
TIERS: Final = {"batch": {"processing": "batch"}, "flex": {"service_tier": "flex"}, "priority": {"service_tier": "priority"}}
CLAUSES: Final = {"equals": "=", "starts_with": "^", "contains": "*", "ends_with": "$", "regex": "~"}
MICRO: Final = 1_000_000
"""A price of one dollar for a million tokens, in millionths of a millionth of a dollar for a token."""
HEAD: Final = '''"""Prices of tokens, made from genai-prices {version} for {date} by tools/prices.py: change nothing here.

A row a model: provider, id, how its name is recognised (= equals, ^ begins, * contains, $ ends, ~ pattern; a list: all of them), and for
each way of being processed the prices of a token in 10^-12 dollars, or [price, [above so many input tokens, price], …].
"""

DATE = "{date}"
SOURCE = "genai-prices {version}"
ROWS = r"""
{rows}
"""
'''


def fetched(into: Path) -> tuple[ModuleType, str]:
    """The package's data, and its version. Only its data is run, not what it depends on. Raises CalledProcessError without a network."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(into)),
            *("--requirement", str(LOCK), "--require-hashes", "--no-deps", "--only-binary=:all:"),
        ],
        check=True,
    )
    (wheel,) = into.glob("genai_prices-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    package = ModuleType("genai_prices")
    package.__path__ = [str(into / "genai_prices")]  # its own __init__ wants an HTTP client
    sys.modules["genai_prices"] = package
    return importlib.import_module("genai_prices.data"), wheel.name.split("-")[1]


def clauses(match: Any) -> list[Any]:
    """How a model's name is recognised: any of these."""
    if hasattr(match, "or_"):
        return [each for one in match.or_ for each in clauses(one)]
    if hasattr(match, "and_"):
        return [[each for one in match.and_ for each in clauses(one)]]
    return [sign + getattr(match, name) for name, sign in CLAUSES.items() if hasattr(match, name)]


def of_token(price: Any) -> Any:
    """A price for a million tokens as one for a token."""
    if isinstance(price, Decimal):
        exact = price * MICRO
        if exact != int(exact):
            raise ValueError(f"{price} dollars for a million tokens is finer than the table")
        return int(exact)
    return [of_token(price.base), *([tier.start, of_token(tier.price)] for tier in price.tiers)]


def holds(constraint: Any) -> bool:
    """Whether a price holds on the day of the table."""
    return constraint is None or constraint.start_date <= DATE


def prices(one: Any) -> dict[str, Any]:
    """The prices of text tokens, of those that hold on the day."""
    if isinstance(one, list):
        one = [each.prices for each in one if holds(each.constraint)][-1]
    return {name: of_token(value) for field, name in FIELDS.items() if (value := getattr(one, field, None)) is not None}


def rows(data: ModuleType) -> Iterator[list[Any]]:
    """The table."""
    known = {one.id: one for one in data.providers}
    for provider in PROVIDERS:
        for model in known[provider].models:
            ways = {"standard": prices(model.prices)}
            for variant in model.price_variants or []:
                for tier, when in TIERS.items():
                    if variant.when == when and holds(variant.constraint) and (found := prices(variant.prices)):
                        ways[tier] = found
            if "in" in ways["standard"]:
                yield [provider, model.id, clauses(model.match), ways]


def main() -> int:
    """Write the module."""
    with tempfile.TemporaryDirectory(prefix="nightshift-prices-") as folder:
        data, version = fetched(Path(folder))
        lines = [json.dumps(row, separators=(",", ":")) for row in rows(data)]
    if any('"""' in line for line in lines):
        raise ValueError("a row ends the module's text")
    TARGET.write_text(HEAD.format(version=version, date=DATE, rows="\n".join(lines)))
    print(f"{len(lines)} models in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
