"""What those who run shops decide: settings, logos."""
