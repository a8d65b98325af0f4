"""Products, their categories, and issuers."""
