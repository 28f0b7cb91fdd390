"""What runs it: processes, settings, the command line, the embedded stack."""
