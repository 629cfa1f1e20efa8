"""What happens because time passes: deadlines, deliveries, polling, upkeep."""
