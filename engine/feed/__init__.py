"""Where events come from: the market simulator, and later the live streams. Each feed is an iterator of events."""
