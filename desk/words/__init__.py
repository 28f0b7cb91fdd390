"""Facts, limits, reasons and short names of the domain, said in both languages."""
