"""What a change of law changes: in cases, and between two days."""
