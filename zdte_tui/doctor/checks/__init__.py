"""The checks, a subject a file: each yields findings about what ``Surroundings`` shows, and changes nothing."""
