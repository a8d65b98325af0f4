"""The shapes of what is typed about prices, and of files of prices."""
