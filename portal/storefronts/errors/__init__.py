"""Why shops refuse: visitors' side and the service point's side."""
