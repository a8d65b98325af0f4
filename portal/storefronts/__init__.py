"""Shops: where visitors buy from a service point, and how the service point keeps its shop."""
