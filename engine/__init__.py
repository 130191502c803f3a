"""Everything that happens: market, pricing, risk, orders, journal, in every mode the same."""

__version__ = "0.1.0"
