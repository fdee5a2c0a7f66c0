"""Infrastructure around every handler: routing, guard, limits, errors, connections."""
