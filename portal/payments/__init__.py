"""Charges of customers, and how their money arrives and goes back."""
