"""Help: the guide's pages, and the search in them."""
