"""Lists for a shop, and experiments that prove them: the reference of the project's kit."""
