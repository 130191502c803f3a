"""Market data from Alpaca, through its SDK."""
