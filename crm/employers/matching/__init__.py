"""Who may be who: keys kept with every employer, one score for every way in, and what the state office wants done about it."""
