"""Reading sale tables: what pages, the API, orders and shops share."""
