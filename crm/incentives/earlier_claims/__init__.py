"""What an employer claimed before, and what it leaves of a limit."""
