"""Who is there: logins, sessions, second factors, and what one does with one's own."""
