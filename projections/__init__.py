"""What it adds up to: one file, one read model."""
