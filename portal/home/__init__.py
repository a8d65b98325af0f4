"""The page that people come home to: what matters to them today."""
