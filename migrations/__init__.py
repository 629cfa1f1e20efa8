"""Schema versions, written by hand, applied in order by `migrate`."""
