"""The same features twice, from the stream and from the table, out of one definition."""
