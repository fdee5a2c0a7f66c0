"""The records that are stored, what is damaged among them, and the trail of what is being worked on."""
