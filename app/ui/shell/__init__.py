"""The loop, the state, and the frame around every view."""
