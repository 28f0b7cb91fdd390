"""The JSON API, /api/v1: the same wishes and the same reads as the pages, for programs."""
