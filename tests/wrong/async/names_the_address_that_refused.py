"""Tells the caller which address inside could not be reached."""

FILE = "llm.py"
CAUGHT_BY = ("test_a_batch_that_failed_as_a_whole_is_still_200",)


def explain(error: Exception) -> HTTPException:
    """Turn a failed call into a status and a sentence for the caller: the `detail`."""
    if isinstance(error, httpx.ConnectError):
        return HTTPException(502, f"Could not connect to {error.request.url}.")
    return HTTPException(502, "The language model could not answer. Please try again.")
