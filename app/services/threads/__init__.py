"""Threads as they are typed, and their images."""
