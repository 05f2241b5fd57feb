"""Prints a line for people where a machine reads."""

CAUGHT_BY = (
    "test_every_line_on_stdout_is_a_json_object",
    "test_a_client_that_leaves_has_one_line_without_the_prompt",
)
FILE = "logs.py"


def set_up_logs() -> None:
    """Everything that is logged goes to stdout as JSON; uvicorn's own lines stay on stderr."""
    sys.stdout.write("The LLM API is starting.\n")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a call, with our URL
