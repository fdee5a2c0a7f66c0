"""A batch's life: the table of states, capacity, polling, the ledger, sending again, retention."""
