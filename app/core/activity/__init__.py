"""The log: what happened, when, to which batch."""
