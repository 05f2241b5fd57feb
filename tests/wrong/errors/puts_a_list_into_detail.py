"""Has a sentence for every failure but a broken rule, which has a list."""

CAUGHT_BY = (
    "test_a_refused_request_is_a_problem",
    "test_a_refused_body_is_a_problem",
)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    return problem(request, 422, broken)
