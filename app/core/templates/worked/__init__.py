"""Worked examples that come with the program: a small table, and the recipe that is asked of its rows."""
