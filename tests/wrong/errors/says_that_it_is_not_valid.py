"""Names the field, and says of every value that it is not valid."""

CAUGHT_BY = ("test_a_422_names_the_rule",)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {
            "field": ".".join(str(part) for part in each["loc"][1:]),
            "rule": "is missing" if each["type"] == "missing" else "is not valid",
        }
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['field']}: {each['rule']}" for each in broken)
    return problem(request, 422, detail, errors=broken)
