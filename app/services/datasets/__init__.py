"""Tables that a person brought: examined, imported, listed, read by windows, and deleted. Loaded when the first one is asked for."""
