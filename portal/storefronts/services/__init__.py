"""What is done in shops."""
