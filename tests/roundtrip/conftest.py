"""A tab to visit."""

from __future__ import annotations

from tests.unit.ui.conftest import tabs

__all__ = ["tabs"]
