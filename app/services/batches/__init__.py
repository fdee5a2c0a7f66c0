"""Batches: the engine, what its effects do, ledgers, sending again, cleaning up."""
