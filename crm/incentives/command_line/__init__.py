"""The commands of incentives, and the files that they read."""
