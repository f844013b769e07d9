"""An agent at the desk of a small library, and its measurement."""
