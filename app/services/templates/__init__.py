"""Prompts of tables: kept as they are typed, and every version that was sent."""
