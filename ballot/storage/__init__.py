"""Where things are kept: the only place with SQL. It hands out domain values, never rows."""
