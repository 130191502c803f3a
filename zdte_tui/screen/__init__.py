"""The Textual app over the engine's Port. It knows views, types and the calendar, and nothing else of the engine."""
