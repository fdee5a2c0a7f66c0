"""The queue's rules: lanes, how a lane is cut into batches, when its requests go by themselves."""
