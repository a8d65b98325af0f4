"""Repasse: price tables price each order, and the order debits prepaid credit."""
