"""Structs of request bodies, made from the official SDK's types (tools/request_types.py): one module for each endpoint, imported when the
first body of that endpoint is checked (:mod:`app.core.bodies.typecheck`)."""
