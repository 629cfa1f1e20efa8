"""The whole installation as one file: written from a running one, read into an empty one."""
