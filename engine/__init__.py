"""Everything that happens: market, pricing, risk, orders, journal, in every mode the same."""
