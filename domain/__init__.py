"""What may happen: pure rules. No input or output, no clock, no randomness."""
