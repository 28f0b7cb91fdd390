"""The commands of `evercase`, one per file."""
