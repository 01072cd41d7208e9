"""What the program does without the explorer: one module a command."""
