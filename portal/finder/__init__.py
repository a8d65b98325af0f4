"""One search over all that people look for: orders, service points, products, issuers."""
