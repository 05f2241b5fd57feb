"""Shows the caller what was meant for the log: httpx puts the URL into its errors."""

FILE = "llm.py"
CAUGHT_BY = ("test_an_error_says_nothing_of_key_url_or_upstream",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.HTTPStatusError):
        return HTTPException(502, str(error))
    return HTTPException(502, "The language model could not answer. Please try again.")
