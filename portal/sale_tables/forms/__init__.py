"""The shapes of what is typed about sale tables, and of files of sale prices."""
