"""Reading for shops: what they look like, what they sell, and orders by their links."""
