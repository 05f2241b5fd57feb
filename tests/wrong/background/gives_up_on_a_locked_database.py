"""Is as impatient with the database as it is with a web page."""

CAUGHT_BY = ("test_the_row_is_there_once_the_lock_is_gone",)
FILE = "database.py"


PATIENCE_SECONDS = 0.9
