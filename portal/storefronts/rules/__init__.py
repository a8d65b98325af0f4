"""What shops decide: pure, on what they are handed."""
