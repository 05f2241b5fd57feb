"""Says 400 where the contract says 422."""

FILE = "query.py"
CAUGHT_BY = (
    "test_an_empty_batch_is_refused",
    "test_thirty_two_questions_are_answered_and_thirty_three_refused",
    "test_max_batch_is_the_longest_batch",
    "test_a_blank_item_refuses_the_whole_batch",
    "test_an_item_of_8000_characters_is_answered_and_a_longer_one_refused",
    "test_what_is_no_list_of_texts_is_refused",
    "test_an_invalid_legacy_query_is_refused",
)


async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """Name the field and the rule it broke."""
    problems = [jsonable_encoder(e, exclude={"input", "ctx"}) for e in error.errors()]
    return JSONResponse({"detail": problems}, status_code=400)
