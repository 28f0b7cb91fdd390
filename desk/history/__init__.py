"""Histories read out: of one case as of any moment, of many for compliance, and as files."""
