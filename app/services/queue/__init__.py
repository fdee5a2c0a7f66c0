"""The queue in the store, from which batches are made by hand or by themselves."""
