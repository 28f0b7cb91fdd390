"""What `evercase demo` shows."""
