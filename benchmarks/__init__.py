"""Everything here is timed, side by side with what a person would pick instead: ``make bench``."""
