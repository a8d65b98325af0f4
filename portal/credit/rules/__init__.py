"""The arithmetic of credit: lots and their use, the journal's seal, the figures of an account."""
