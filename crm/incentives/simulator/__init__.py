"""Drafts of rules tried on hires of a year: what they would bring, and which answers they would change."""
