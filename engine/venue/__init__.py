"""A local exchange that speaks Alpaca's protocols over the simulated one; no order here ever meets a market."""
