"""Keys and words on trades, working entries and strategies: which one is meant, what it does, and asking for ``y``."""
