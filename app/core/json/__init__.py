"""JSON from outside: one reader with bounds, the places of its parts, and sentences for what is wrong with it."""
