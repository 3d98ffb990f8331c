"""What is kept: records that validate, tables that keep."""
