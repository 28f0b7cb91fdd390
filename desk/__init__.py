"""Where people work: pages and the JSON API."""
