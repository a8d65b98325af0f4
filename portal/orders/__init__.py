"""Quotes, orders and their states."""
