"""What every capability of the page is made of: the state, what handlers depend on, markup and its parts."""
