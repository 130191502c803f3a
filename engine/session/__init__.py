"""Sessions: the composition root, the runner and its Port, backtests, audit replay."""
