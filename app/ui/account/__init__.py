"""What lies at the provider under one key."""
