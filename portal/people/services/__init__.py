"""Deeds about people: signing in and out, users, profiles, sessions and tokens."""
