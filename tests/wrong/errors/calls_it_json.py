"""Has all the members, and calls the document JSON."""

CAUGHT_BY = (
    "test_a_refused_request_is_a_problem",
    "test_a_refused_body_is_a_problem",
    "test_a_crash_is_a_problem",
    "test_a_failure_of_the_llm_is_a_problem",
    "test_a_refusal_that_spares_somebody_is_a_problem",
)
FILE = "problems.py"


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer for a failure. `detail` is for a person; `more` is for their program."""
    title = "Client Left" if status == CLIENT_LEFT else HTTPStatus(status).phrase
    content = {
        "type": "about:blank",  # says: there is no more to it than the status
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": request.state.request_id,
        **more,
    }
    return JSONResponse(content, status, headers, media_type="application/json")
