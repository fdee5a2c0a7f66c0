"""The program's own JavaScript (static/js/nightshift.mjs), each room of it under the name that the adapters use."""

from __future__ import annotations

from typing import Any

from pyscript.js_modules import nightshift

js_nightshift: Any = nightshift
js_life: Any = nightshift.life
js_calls: Any = nightshift.calls
js_http: Any = nightshift.http
js_page: Any = nightshift.page
js_store: Any = nightshift.store
js_updates: Any = nightshift.updates
