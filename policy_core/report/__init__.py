"""What the core found, written for people and for programs."""
