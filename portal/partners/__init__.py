"""Service points, their policies and credit limits."""
