"""The services put together on ports, apart from any page."""
