"""The thread editor and the list of threads."""
