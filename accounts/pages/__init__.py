"""Pages about people, the same on all three kinds of host; each lets its own people in."""
