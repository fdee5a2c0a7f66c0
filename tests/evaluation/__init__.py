"""A public benchmark with labels through table, batch and evaluation, against scikit-learn."""
