"""The local server as one ASGI application: the page's files and the practice provider."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from app.gateway.connections import Connections
from app.gateway.guard import guarded
from app.gateway.practice import Practice, practice_routes
from app.gateway.site import site

if TYPE_CHECKING:
    from litestar.types import ASGIApp


def say(_request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    """An HTTP error as one plain sentence."""
    return Response(f"{error.detail}\n", status_code=error.status_code, media_type="text/plain")


def application(root: Path, connections: Connections, *, local_only: bool = True) -> ASGIApp:
    """The whole server. ``root`` holds ``index.html``; ``connections`` are its socket's; ``local_only`` refuses foreign Host headers."""
    practice = Practice(connections)
    app = Litestar(
        route_handlers=[site(root), *practice_routes(practice)],
        on_shutdown=[practice.close],
        exception_handlers={HTTPException: say},
        openapi_config=None,
        request_max_body_size=None,
        logging_config=None,
    )
    return guarded(app, local_only=local_only)
