"""Messages a second, in and out, by both transports: ``python -m tests.rabbit``. Prints a table; medians of three."""

import sys

import pytest

sys.exit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", "tests/rabbit/measure.py"]))
