"""Users, profiles, permissions, sessions and tokens."""
