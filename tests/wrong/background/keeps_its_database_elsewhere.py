"""Without a DATABASE_URL it makes a database of another name."""

CAUGHT_BY = ("test_the_database_is_usage_db_unless_told_otherwise",)
FILE = "database.py"


DATABASE_URL = make_url(os.environ.get("DATABASE_URL", "sqlite:///./usage.db.sqlite"))
