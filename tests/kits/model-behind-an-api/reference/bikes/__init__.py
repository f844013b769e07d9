"""How many bikes leave a station in an hour."""
