"""The order ticket: what a person puts together, what it would do, and sending it."""
