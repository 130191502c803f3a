"""What to trade: one family of policies a file."""
