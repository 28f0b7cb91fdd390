"""What must happen next: time and order, on Temporal."""
