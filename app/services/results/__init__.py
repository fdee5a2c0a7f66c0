"""A batch's requests beside their answers."""
