"""Names the field and leaves the rule to guessing."""

CAUGHT_BY = ("test_a_422_names_the_rule",)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "rule": each["msg"]}
        for each in error.errors()
    ]
    detail = "; ".join(each["field"] for each in broken)
    return problem(request, 422, detail)
