"""Data: tables that the person brought."""
