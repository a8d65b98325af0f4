"""Accounts, lots and the double-entry journal."""
