"""What is shown first of a traceback: the learner's own line."""

from pathlib import Path

from course.grading.tracebacks import learner_first

FOLDER = Path("/work/02_async")

LIBRARY = """\
Traceback (most recent call last):
  File "/lib/starlette/responses.py", line 61, in init_headers
    value.encode("latin-1")
AttributeError: 'NoneType' object has no attribute 'encode'
"""
OWN = """\
Traceback (most recent call last):
  File "/lib/starlette/routing.py", line 73, in app
    response = await f(request)
  File "/work/02_async/app.py", line 136, in query
    raise explain(error) from error
fastapi.exceptions.HTTPException: 503: The LLM is busy.
"""
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
BECAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"


def test_the_deepest_line_of_ones_own_stands_before_the_exception() -> None:
    assert learner_first(OWN, FOLDER) == (
        "app.py, line 136, in query: raise explain(error) from error\n"
        "fastapi.exceptions.HTTPException: 503: The LLM is busy."
    )


def test_an_exception_that_came_out_of_another_is_told_with_the_line_of_that() -> None:
    for link in (DURING, BECAUSE):
        assert learner_first(OWN + link + LIBRARY, FOLDER) == (
            "app.py, line 136, in query: raise explain(error) from error\n"
            "AttributeError: 'NoneType' object has no attribute 'encode'"
        )


def test_a_later_traceback_without_a_line_of_ones_own_takes_none_from_an_earlier_one() -> None:
    told = learner_first(OWN + LIBRARY + DURING + LIBRARY, FOLDER)
    assert told.endswith("HTTPException: 503: The LLM is busy.")


def test_libraries_alone_say_nothing() -> None:
    assert learner_first(LIBRARY + DURING + LIBRARY, FOLDER) == ""
