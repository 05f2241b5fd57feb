"""Shows the caller what was meant for the log: httpx puts the URL into its errors."""

CAUGHT_BY = ("test_an_error_says_nothing_of_key_url_or_upstream",)


def explain(error: Exception) -> str:
    """Turn a failed call into the sentence the caller gets."""
    if isinstance(error, httpx.HTTPStatusError):
        return str(error)
    return "The language model could not answer. Please try again."
