"""The shapes of what is typed into shops."""
