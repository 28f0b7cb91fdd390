"""What has happened: the event log on PostgreSQL."""
