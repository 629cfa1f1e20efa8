"""The dossier: what was recorded about a customer, packed so that a stranger can check it without us."""
