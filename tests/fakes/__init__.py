"""Hand-written doubles of the ports. They keep the contracts that tests/contract checks on them and on the real adapters alike."""
