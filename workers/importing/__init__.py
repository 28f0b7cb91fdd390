"""Real input: complaints of another system, from tables (CSV) and event logs (XES)."""
