"""Alpaca's protocols, through its SDK: keys, requests that end, and reading what comes back tolerantly."""
