"""What every use case runs on: typed records, the log, background tasks, slices, isolation."""
