"""Pure views from state to markup, typed actions, and the loop that applies them."""
