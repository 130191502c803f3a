"""How the screen looks: themes, what tells one mode from another without colour, and plain ASCII."""
