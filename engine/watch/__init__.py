"""A running session watched from outside: health and metrics, messages, a heartbeat, systemd. Nothing changes."""
