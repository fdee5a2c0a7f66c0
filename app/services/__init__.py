"""Use cases over ports: what a person or a program can ask Nightshift to do."""
