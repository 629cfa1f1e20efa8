"""Tables and every query. The only room that imports the ORM."""
