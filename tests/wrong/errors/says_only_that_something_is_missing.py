"""Says that a field is missing, and not which."""

CAUGHT_BY = ("test_a_422_names_the_field",)
FILE = "problems.py"


async def refuse_input(request: Request, error: RequestValidationError) -> Response:
    """Name each field and the rule it broke, and nothing of what was sent."""
    broken = [
        {
            "field": "body"
            if each["type"] == "missing"
            else ".".join(str(part) for part in each["loc"][1:]),
            "rule": each["msg"],
        }
        for each in error.errors()
    ]
    detail = "; ".join(f"{each['field']}: {each['rule']}" for each in broken)
    return problem(request, 422, detail, errors=broken)
