"""A live cluster: listed, then watched, and never written to."""
