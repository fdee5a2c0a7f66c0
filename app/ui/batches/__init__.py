"""Batches: the list, one batch, the ways on where it is stuck."""
