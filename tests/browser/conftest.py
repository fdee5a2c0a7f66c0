"""Pages of this suite are served from the sources, so that a test can ask for one module by itself."""

import pytest


@pytest.fixture(scope="session")
def site(sources: str) -> str:
    """Address of the source tree."""
    return sources
