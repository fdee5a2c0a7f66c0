"""What waits for the person, what runs, what it cost and what was used last, in one view."""
