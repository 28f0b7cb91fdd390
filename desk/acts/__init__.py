"""Acts: what a person may wish about a complaint. One file, one group of them."""
