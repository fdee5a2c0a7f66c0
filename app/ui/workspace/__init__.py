"""The whole workspace as one file."""
