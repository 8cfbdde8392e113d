"""The code of tomorrow: today's, and one migration more, which adds a column to every tenant's busiest table."""
