"""Alpaca as a broker outside the engine: packages become its orders, its answers become ours."""
