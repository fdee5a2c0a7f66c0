"""A table's requests before they are sent: checked, priced, planned, and added to the queue."""
