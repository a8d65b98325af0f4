"""Measurements against raw floors of the same run; see docs/performance.md."""
