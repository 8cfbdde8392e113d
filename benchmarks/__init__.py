"""`make bench`: how fast, as a ratio to something on the same machine in the same run. Absolute figures are the machine's."""
