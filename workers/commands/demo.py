"""``evercase demo``: everything, with a story in it."""
