"""Compare our table of prices with LiteLLM's (tools/locks/litellm.txt), which other people keep: ``make prices``.

It fetches the pinned package (44 MB), reads the one file of prices from it, runs nothing of it, and prints for each kind of price how many
both tables have and which differ. A model counts where LiteLLM lists it under its plain name for a provider of ours, for text.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from app.core.json import jsonread
from app.core.prices import rates
from app.core.prices.rates import PER_DOLLAR, ProcessingTier, TokenPrice

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tools" / "locks" / "litellm.txt"
FILE: Final = "litellm/model_prices_and_context_window_backup.json"
PROVIDERS: Final = {"openai": "openai", "anthropic": "anthropic", "groq": "groq", "mistral": "mistral"}
"""LiteLLM's names of providers and ours. Azure's and Google's prices go by place and by service there."""
MODES: Final = ("chat", "completion", "responses", "embedding")
TIERS: Final[dict[ProcessingTier, str]] = {"standard": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
KINDS: Final = {"input": "input_cost_per_token", "output": "output_cost_per_token", "cached": "cache_read_input_token_cost"}


class Difference(NamedTuple):
    """A price that both tables have and that is not the same, in dollars for a million tokens."""

    model: str
    price: str
    ours: Fraction
    theirs: Fraction


class Comparison(NamedTuple):
    """By kind of price (``batch input``) how many both tables have; those that differ; how many models both know."""

    both: dict[str, int]
    differences: list[Difference]
    models: int


def listed(table: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The models that can be compared: our name of the provider, the model, its prices there."""
    for name, entry in table.items():
        provider = PROVIDERS.get(entry.get("litellm_provider", ""))
        model = name.removeprefix(f"{entry.get('litellm_provider')}/")
        if provider and entry.get("mode") in MODES and "/" not in model and ":" not in model:
            yield provider, model, entry


def _million(amount: Fraction) -> Fraction:
    return amount * 1_000_000


def compared(table: dict[str, Any]) -> Comparison:
    """Every price that both tables have."""
    both: dict[str, int] = {}
    differences: list[Difference] = []
    models = 0
    for provider, model, entry in listed(table):
        known = rates.rates_of(provider, model, "standard")
        models += known is not None
        for tier, ending in TIERS.items():
            found = rates.rates_of(provider, model, tier)
            for kind, field in KINDS.items():
                ours: TokenPrice | None = getattr(found, kind, None)
                theirs = entry.get(f"{field}{ending}")
                if ours is None or not isinstance(theirs, int | float) or (not theirs and kind == "output"):
                    continue
                name = f"{tier} {kind}"
                both[name] = both.get(name, 0) + 1
                mine, other = _million(Fraction(ours.base, PER_DOLLAR)), _million(Fraction(repr(theirs)))
                if mine != other:
                    differences.append(Difference(f"{provider} {model}", name, mine, other))
    return Comparison(both, differences, models)


def said(found: Comparison) -> Iterator[str]:
    """The comparison in lines."""
    prices = sum(found.both.values())
    yield f"{found.models} models that both know; {prices} prices that both have, {len(found.differences)} of them differ."
    for name, count in sorted(found.both.items()):
        yield f"  {name}: {count}, {sum(one.price == name for one in found.differences)} differ"
    for one in found.differences:
        yield f"  {one.model}, {one.price}: ${float(one.ours):g} here, ${float(one.theirs):g} there, a million tokens"


def main() -> int:
    """Fetch, compare and print."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", folder),
                *("--requirement", str(LOCK), "--require-hashes", "--no-deps", "--only-binary=:all:"),
            ],
            check=True,
        )
        (wheel,) = Path(folder).glob("litellm-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            table = jsonread.value(archive.read(FILE))
        print(f"{rates.SOURCE} of {rates.DATE} against {'-'.join(wheel.name.split('-')[:2])}:")
    for line in said(compared(table)):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
