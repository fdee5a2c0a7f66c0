"""The batch API without I/O: requests and answers of its calls, what differs between providers, output lines, failures in words."""
