"""The composition root: the only module that knows every room."""


async def start() -> None:
    """Build the program and draw its first view."""
