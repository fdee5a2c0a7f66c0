"""The guide: its pages as they are read, and what is looked for in them."""
