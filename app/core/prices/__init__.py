"""What requests cost: prices of tokens, estimates, and budgets."""
