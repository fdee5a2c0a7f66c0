"""Tables on their way into the queue: rows checked and counted, the whole priced and cut, then queued at once. Loaded when asked for."""
