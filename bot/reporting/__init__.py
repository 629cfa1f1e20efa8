"""Reports for directors: what a period came to, put into words, tables, paper and a picture."""
