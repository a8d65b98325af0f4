"""Looking people up: who is at work, users, profiles, sessions and tokens."""
