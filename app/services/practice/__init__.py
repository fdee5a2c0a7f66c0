"""What the practice provider in the page keeps in the store."""
