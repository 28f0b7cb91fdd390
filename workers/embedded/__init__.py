"""The engines that Evercase brings along: PostgreSQL and Temporal as children of one process."""
