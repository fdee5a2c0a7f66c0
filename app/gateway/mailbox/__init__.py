"""Messages that programs post: stored in SQLite, fetched by the page."""
