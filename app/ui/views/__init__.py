"""Views: pure functions from the state to markup."""
