"""What programs hand in over HTTP: kept in SQLite, taken by the page."""
