"""The explorer's widgets: each draws what it is given and says what happened to it."""
