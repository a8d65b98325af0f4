"""Files of rows as people and ERPs write them, read into lists of texts, with guards."""
