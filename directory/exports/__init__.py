"""Writing the directory out, in the forms that others read."""
