"""What stands around every handler: routing, the guard, limits, errors, connections."""
