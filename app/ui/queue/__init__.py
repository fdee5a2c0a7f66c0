"""The queue, and when its requests go by themselves."""
