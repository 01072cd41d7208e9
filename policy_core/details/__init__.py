"""What there is to say about one object: routing beside permission, gathered for reports and the explorer."""
