"""What the cells of a list mean, and what is wrong with them: pure."""
