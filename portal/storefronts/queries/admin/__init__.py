"""Reading shops for those who run them."""
