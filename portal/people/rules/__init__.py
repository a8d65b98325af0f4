"""Choices about people: what may be granted, which passwords do, when to make someone wait."""
