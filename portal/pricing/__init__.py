"""Price tables, their editions, assignments, and the one price function."""
