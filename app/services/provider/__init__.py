"""One provider with one key: its calls, profiles, accounts, limits, and what lies there."""
