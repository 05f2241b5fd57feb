"""`course dev check`: what there is to be found is found, and nothing else."""

from collections.abc import Iterator, Mapping
from inspect import cleandoc
from itertools import count
from pathlib import Path
from textwrap import fill
from threading import Event
from typing import Any

import pytest
from tiny_course import (
    APP,
    FILES,
    GREETED,
    HELLO,
    PAGE,
    SEEN_OFF,
    SOLUTION,
    STARTER,
    WRONG,
    FakeRunner,
    write_course,
    wrong,
)

from course.catalog import UnknownLesson
from course.dev.check import CourseReport, check_course, matrix, progress
from course.dev.proof import CACHE
from course.grading.job import Job
from course.workspace import Workspace

# What is done to a file: it is removed, written anew, or one text in it is replaced by another.
Edit = str | tuple[str, str] | None
Case = tuple[Mapping[str, Edit], str]

RIGHT = "tests/right/hello/with_threads/app.py"
PARTLY_RIGHT = "tests/right/hello/without_farewell/app.py"
NOBODY = f"{WRONG}/greets_nobody.py"
GREETING = "async def greet(name: str) -> dict[str, str]:"
GREETS = '    return {"text": f"Hello, {name}!"}'
CAUGHT, BY_BOTH = f"('{GREETED}',)", f"('{GREETED}', '{SEEN_OFF}')"
WRONG_IN_BOTH = wrong("greet", '"Hello!"', GREETED, SEEN_OFF) + (
    '\n\n@app.get("/farewell/{name}")\nasync def see_off(name: str) -> None:\n    pass\n'
)
WRONG_GREETINGS = [NOBODY, f"{WRONG}/greets_everybody.py", f"{WRONG}/greets_quietly.py"]
NEW_TEST = "\ndef test_more(app: App) -> None:\n    pass\n\n\n"
HOMELESS_TODO = ("import FastAPI\n", "import FastAPI\n\n# TODO(greeting): here?\n")
ANOTHER_SHAPE = "\n    # says: The answer has another shape than expected (KeyError: 1)."
NEW_ROUTE = '\n\n@app.get("/new")\nasync def new() -> None:\n    pass\n'
EXCERPT_OF_AN_ANSWER = (
    "- RFC 9110",
    "<!-- excerpt: solutions/01_hello/app.py#greet -->\n```python\n"
    + APP[APP.index('@app.get("/gr') : APP.index('\n\n\n@app.get("/farewell')]
    + "\n```",
)
LONG = "'a line of the solution that nobody could find by chance, as long as it is'"


MANIFEST_AND_DISK: dict[str, Case] = {
    "a manifest that cannot be read": (
        {"course.toml": ("format_version = 1", "format_version = 2")},
        """
        - course.toml: format_version is 2, this tool reads 1. Correct it.
        """,
    ),
    "a lesson without its files": (
        {PAGE: None, "notebooks/src/01_hello.py": None},
        """
        - README.md:8: The link lessons/01_hello/README.md leads nowhere. Correct it.
        - lessons/01_hello/README.md: The lesson hello lacks this file. Write it.
        - notebooks/src/01_hello.py: The lesson hello lacks this file. Write it.
        """,
    ),
    "a lesson without a starter": (
        {STARTER: None},
        """
        - lessons/01_hello/README.md:23: The excerpt of solutions/01_hello/app.py#health shows
          an answer. Show the idea on a smaller example in the lesson's examples/.
        - starter/01_hello: The lesson hello lacks this folder. Make it.
        """,
    ),
    "a lesson without a suite": (
        {HELLO: None},
        """
        - tests/suites/hello/test_hello.py: The lesson hello lacks this file. Write it.
        """,
    ),
    "a course without a README": (
        {"README.md": None},
        """
        - README.md: The course lacks this file. Write it.
        - lessons/01_hello/README.md:21: The link ../../README.md#lessons leads nowhere. Correct
          it.
        """,
    ),
    "a lesson that needs a later one": (
        {"course.toml": ("needs = []", 'needs = ["hello"]')},
        """
        - README.md:5: The table of lessons is out of date. Run `course dev sync`.
        - course.toml, hello: It needs hello, which comes later. Change the order.
        """,
    ),
    "a folder with another number": (
        {"course.toml": ('folder = "01_hello"', 'folder = "02_hello"')},
        """
        - README.md:5: The table of lessons is out of date. Run `course dev sync`.
        - course.toml, hello: Its folder is 02_hello. Call it 01_hello.
        - lessons/01_hello: It belongs to no lesson of course.toml. Remove it, or add the
          lesson.
        - lessons/02_hello/README.md: The lesson hello lacks this file. Write it.
        - lessons/02_hello/naive.py: The lesson hello lacks this file. Write it.
        - notebooks/src/01_hello.py: It belongs to no lesson of course.toml. Remove it, or add
          the lesson.
        - notebooks/src/02_hello.py: The lesson hello lacks this file. Write it.
        - solutions/01_hello: It belongs to no lesson of course.toml. Remove it, or add the
          lesson.
        - solutions/02_hello: The lesson hello lacks this folder. Make it.
        - starter/01_hello: It belongs to no lesson of course.toml. Remove it, or add the
          lesson.
        - starter/02_hello: The lesson hello lacks this folder. Make it.
        """,
    ),
    "a folder of no lesson": (
        {"solutions/02_more/app.py": ""},
        """
        - solutions/02_more: It belongs to no lesson of course.toml. Remove it, or add the
          lesson.
        """,
    ),
    "a suite of no lesson": (
        {"tests/suites/more/test_more.py": ""},
        """
        - tests/suites/more: It belongs to no lesson of course.toml. Remove it, or add the
          lesson.
        """,
    ),
    "a stray file in a lesson": (
        {"lessons/01_hello/notes.txt": ""},
        """
        - lessons/01_hello/notes.txt: It belongs to no lesson of course.toml. Remove it, or add
          the lesson.
        """,
    ),
    "a test of a naive version of no lesson": (
        {"tests/lessons/test_naive_more.py": ""},
        """
        - tests/lessons/test_naive_more.py: It belongs to no lesson of course.toml. Remove it,
          or add the lesson.
        """,
    ),
    "a second suite": (
        {"tests/suites/hello/test_more.py": ""},
        """
        - tests/suites/hello/test_more.py: Nobody runs this file. The suite of a lesson is one
          file, test_hello.py.
        """,
    ),
    "too few hints": (
        {"course.toml": ('"Who is leaving?", ', "")},
        """
        - course.toml, hello.farewell: It has 2 hints. Write at least 3, from a question to
          nearly the answer.
        """,
    ),
    "one right app": (
        {RIGHT: None},
        """
        - tests/right/hello: The number of right apps is 1. Write at least 2, each in a style of
          its own.
        """,
    ),
}


SUITES: dict[str, Case] = {
    "a test without a mark": (
        {HELLO: ("@greeting\n", "")},
        """
        - tests/suites/hello/test_hello.py: No test grades the exercise greeting. Write one.
        - tests/suites/hello/test_hello.py:9: test_the_caller_is_greeted does not plainly say
          its exercise, where to look and the idea. Mark it with pytest.mark.exercise("slug",
          look="...", idea="...").
        """,
    ),
    "a test of an exercise that is not there": (
        {HELLO: ('exercise("farewell"', 'exercise("bye"')},
        """
        - tests/suites/hello/test_hello.py: No test grades the exercise farewell. Write one.
        - tests/suites/hello/test_hello.py:17: test_the_caller_is_seen_off belongs to bye, which
          is no exercise of this lesson. The exercises are greeting, farewell.
        """,
    ),
    "a place that the page does not have": (
        {HELLO: ('"greeting", look="use-the-name"', '"greeting", look="use-it"')},
        """
        - tests/suites/hello/test_hello.py:10: test_the_caller_is_greeted points to #use-it, and
          the lesson's page has no such heading. Name a heading of the page.
        """,
    ),
    "two tests of one name": (
        {HELLO: ("test_the_caller_is_seen_off", "test_the_caller_is_greeted")},
        """
        - tests/suites/hello/test_hello.py: There are two tests called
          test_the_caller_is_greeted; only the last runs. Rename one.
        - tests/wrong/hello/sees_off_ada_only.py: CAUGHT_BY names
          test_the_caller_is_seen_off[Bo], and the suite has no such test. Correct the wrong
          app.
        - tests/wrong/hello/sees_off_everybody.py: CAUGHT_BY names test_the_caller_is_seen_off,
          and the suite has no such test. Correct the wrong app.
        - tests/wrong/hello/sees_off_nobody.py: CAUGHT_BY names test_the_caller_is_seen_off, and
          the suite has no such test. Correct the wrong app.
        """,
    ),
    "a test that catches nothing": (
        {HELLO: ("@greeting\n", f"@greeting{NEW_TEST}@greeting\n")},
        """
        - tests/suites/hello/test_hello.py:10: test_more catches no wrong app. Write a wrong app
          that it must catch, or remove the test.
        """,
    ),
    "an exercise with two wrong apps": (
        {NOBODY: None},
        """
        - tests/wrong/hello: The tests of greeting catch 2 wrong apps. Write at least 3.
        """,
    ),
    "an exercise that no wrong app has to itself": (
        dict.fromkeys(WRONG_GREETINGS, WRONG_IN_BOTH),
        """
        - tests/wrong/hello: No wrong app is caught by the tests of greeting alone. Write one
          that does everything else right.
        """,
    ),
}


PAIRS: dict[str, Case] = {
    "a definition that differs without a TODO": (
        {SOLUTION: ("ok", "fine")},
        """
        - lessons/01_hello/README.md:23: The excerpt of solutions/01_hello/app.py#health is out
          of date. Run `course dev sync`.
        - starter/01_hello/app.py: health is another one than in the solution, and carries no
          TODO. Outside the definitions with a TODO the two files are equal.
        """,
    ),
    "an import that differs": (
        {SOLUTION: ("import FastAPI", "import APIRouter, FastAPI")},
        """
        - starter/01_hello/app.py:3: The solution says 'from fastapi import APIRouter, FastAPI'
          where the starter says 'from fastapi import FastAPI'. Outside the definitions with a
          TODO the two files are equal.
        """,
    ),
    "a docstring that differs": (
        {STARTER: ("Greets and sees off.", "Greets.")},
        """
        - starter/01_hello/app.py:1: The solution says '\"\"\"Greets and sees off.\"\"\"' where the
          starter says '\"\"\"Greets.\"\"\"'. Outside the definitions with a TODO the two files are
          equal.
        """,
    ),
    "a definition that the solution alone has": (
        {SOLUTION: APP + NEW_ROUTE},
        """
        - starter/01_hello/app.py: The solution has new, the starter has not. Outside the
          definitions with a TODO the two files are equal.
        """,
    ),
    "a definition that the starter alone has": (
        {STARTER: FILES[STARTER] + NEW_ROUTE},
        """
        - starter/01_hello/app.py: The solution has no new. Outside the definitions with a TODO
          the two files are equal.
        """,
    ),
    "a definition with a TODO that the solution lacks": (
        {STARTER: FILES[STARTER] + NEW_ROUTE.replace("pass", "...  # TODO(greeting): more")},
        """
        - starter/01_hello/app.py: The solution has no new. Outside the definitions with a TODO
          the two files are equal.
        """,
    ),
    "a text after the last definition": (
        {SOLUTION: APP + "app.debug = True\n"},
        """
        - starter/01_hello/app.py: The solution says 'app.debug = True' where the starter says
          nothing. Outside the definitions with a TODO the two files are equal.
        """,
    ),
    "a given file that differs": (
        {"starter/01_hello/notes.txt": "a", "solutions/01_hello/notes.txt": "b"},
        """
        - starter/01_hello/notes.txt: It differs from the solution's and carries no TODO. Make
          the two files equal.
        """,
    ),
    "a file that the starter alone has": (
        {"starter/01_hello/sdk.py": ""},
        """
        - starter/01_hello/sdk.py: The solution has no such file. Add solutions/01_hello/sdk.py.
        """,
    ),
    "a file that the solution alone has": (
        {"solutions/01_hello/sdk.py": ""},
        """
        - solutions/01_hello/sdk.py: The starter has no such file. Add starter/01_hello/sdk.py.
        """,
    ),
    "a TODO of no exercise": (
        {STARTER: ("# TODO(farewell): by", "# TODO(farewell): TODO(bye): by")},
        """
        - starter/01_hello/app.py:21: TODO(bye) names no exercise of this lesson. The exercises
          are greeting, farewell.
        """,
    ),
    "an exercise without a TODO": (
        {STARTER: ("TODO(farewell)", "TODO(greeting)")},
        """
        - starter/01_hello: No TODO(farewell) says where the exercise farewell is to be done.
          Write one into the definition that the learner has to change.
        """,
    ),
    "a TODO outside of definitions": (
        {STARTER: HOMELESS_TODO, SOLUTION: HOMELESS_TODO},
        """
        - starter/01_hello/app.py:5: This TODO belongs to no definition. Write it into a
          definition, or as a comment right on top of one.
        """,
    ),
    "a solution that is no Python": (
        {SOLUTION: ("async def greet", "async greet")},
        """
        - lessons/01_hello/README.md: solutions/01_hello/app.py is not Python. Correct the
          excerpt's marker.
        - solutions/01_hello/app.py: Line 14 is not Python: invalid syntax. Correct it.
        """,
    ),
    "a long solution": (
        {SOLUTION: APP + "\n" * 120, STARTER: FILES[STARTER] + "\n" * 120},
        """
        - solutions/01_hello/app.py: It has 140 lines. Aim at 120, at most 130.
        """,
    ),
    "a long function": (
        {SOLUTION: (GREETS, "    name += str()\n" * 30 + GREETS)},
        """
        - solutions/01_hello/app.py:14: greet has 32 lines. Aim at 25, at most 30.
        """,
    ),
}


PROOF: dict[str, Case] = {
    "a starter that passes": (
        {STARTER: ('"Hello, world!"', 'f"Hello, {name}!"')},
        """
        - starter/01_hello: It does not fail the exercise greeting. Take out of the starter what
          the exercise asks for, or sharpen its tests.
        """,
    ),
    "a starter that does not start": (
        {STARTER: ("TODO(greeting): ", "never starts\n    # TODO(greeting): ")},
        """
        - starter/01_hello: The app does not start: The app ended before it served. Correct the
          app.
        """,
    ),
    "a starter that crashes in a test": (
        {STARTER: ("TODO(greeting): ", "says: bare The app ended.\n    # TODO(greeting): ")},
        """
        - starter/01_hello: test_the_caller_is_greeted fails because the app does not run: The
          app ended. A starter runs whatever the settings are; it fails by assertions only.
        - starter/01_hello: test_the_caller_is_seen_off[Ada] fails because the app does not run:
          The app ended. A starter runs whatever the settings are; it fails by assertions only.
        - starter/01_hello: test_the_caller_is_seen_off[Bo] fails because the app does not run:
          The app ended. A starter runs whatever the settings are; it fails by assertions only.
        """,
    ),
    "a starter that upsets the suite": (
        {STARTER: ("TODO(greeting): ", "upsets the suite\n    # TODO(greeting): ")},
        """
        - starter/01_hello: The suite itself failed in test_the_caller_is_greeted: Who?
          lessons/01_hello/README.md#use-the-name. Correct the suite or the grader.
        """,
    ),
    "a failure without a sentence": (
        {NOBODY: (GREETING, GREETING + "\n    # says: 2 != 3")},
        """
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_greeted fails without a
          sentence: '2 != 3'. Begin with a capital letter and end with a full stop.
        """,
    ),
    "a failure with words from inside": (
        {NOBODY: (GREETING, GREETING + "\n    # says: AssertionError was raised.")},
        """
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_greeted fails with words from
          inside: 'AssertionError was raised.'. Say in a sentence what was sent and what came
          back.
        """,
    ),
    "an answer of another shape": (
        {NOBODY: (GREETING, GREETING + ANOTHER_SHAPE)},
        """
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_greeted fails with words from
          inside: 'The answer has another shape than expected (KeyError: 1).'. Say in a sentence
          what was sent and what came back.
        """,
    ),
    "a solution that fails": (
        {SOLUTION: ("Goodbye, {name}!", "Bye, {name}!")},
        """
        - solutions/01_hello: test_the_caller_is_seen_off[Ada] does not pass: The answer was
          another one. Correct the app, or the test if it asks for more than the contract does.
        - solutions/01_hello: test_the_caller_is_seen_off[Bo] does not pass: The answer was
          another one. Correct the app, or the test if it asks for more than the contract does.
        - tests/wrong/hello/greets_everybody.py: test_the_caller_is_seen_off[Ada] catches it,
          too, and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_everybody.py: test_the_caller_is_seen_off[Bo] catches it,
          too, and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_seen_off[Ada] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_seen_off[Bo] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_quietly.py: test_the_caller_is_seen_off[Ada] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_quietly.py: test_the_caller_is_seen_off[Bo] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        """,
    ),
    "a right app that fails": (
        {RIGHT: ("Hello, {name}!", "Hi, {name}!")},
        """
        - tests/right/hello/with_threads: test_the_caller_is_greeted does not pass: The answer
          was another one. Correct the app, or the test if it asks for more than the contract
          does.
        """,
    ),
    "a right app without a core exercise": (
        {PARTLY_RIGHT: ("# without: farewell", "# without: greeting, farewell")},
        """
        - tests/right/hello/without_farewell: It is without greeting, which is no stretch
          exercise. Write it.
        """,
    ),
    "a right app that has what it says it is without": (
        {RIGHT: "# without: farewell\n" + APP},
        """
        - tests/right/hello/with_threads: It says it is without farewell, and has it. Take the
          remark away.
        """,
    ),
    "a right app that does not start": (
        {RIGHT: APP + "# never starts"},
        """
        - tests/right/hello/with_threads: The app does not start: The app ended before it
          served. Correct the app.
        """,
    ),
    "a wrong app that passes": (
        {NOBODY: ('"Hello!"', 'f"Hello, {name}!"')},
        """
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_greeted should catch it and
          passes. Make the app worse, sharpen the test, or take the name out of CAUGHT_BY.
        """,
    ),
    "a wrong app that another test catches": (
        {NOBODY: WRONG_IN_BOTH.replace(BY_BOTH, CAUGHT)},
        """
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_seen_off[Ada] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        - tests/wrong/hello/greets_nobody.py: test_the_caller_is_seen_off[Bo] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        """,
    ),
    "a wrong app that one more parameter catches": (
        {f"{WRONG}/sees_off_nobody.py": ("seen_off'", "seen_off[Ada]'")},
        """
        - tests/wrong/hello/sees_off_nobody.py: test_the_caller_is_seen_off[Bo] catches it, too,
          and is not named. Narrow the app or the test, or name it in CAUGHT_BY.
        """,
    ),
    "a wrong app that does not start": (
        {NOBODY: (GREETING, GREETING + "\n    # never starts")},
        """
        - tests/wrong/hello/greets_nobody.py: The app does not start: The app ended before it
          served. Correct the app.
        """,
    ),
    "a wrong app that cannot be built": (
        {f"{WRONG}/more.py": '"""Does less."""\n\nCAUGHT_BY = ("test_none",)\n'},
        """
        - tests/wrong/hello/more.py: Nothing of the solution is replaced: no definition has the
          name of one of its own. Correct the wrong app.
        """,
    ),
}


PROSE: dict[str, Case] = {
    "an excerpt that is out of date": (
        {"lessons/01_hello/naive.py": ("world", "everybody")},
        """
        - lessons/01_hello/README.md:7: The excerpt of lessons/01_hello/naive.py#greet is out of
          date. Run `course dev sync`.
        """,
    ),
    "an excerpt of nothing": (
        {PAGE: ("naive.py#greet", "naive.py#meet")},
        """
        - lessons/01_hello/README.md: lessons/01_hello/naive.py has no top-level meet. Correct
          the excerpt's marker.
        """,
    ),
    "an excerpt of no file": (
        {PAGE: ("naive.py#greet", "naives.py")},
        """
        - lessons/01_hello/README.md: There is no file lessons/01_hello/naives.py. Correct the
          excerpt's marker.
        """,
    ),
    "an excerpt of an answer": (
        {PAGE: EXCERPT_OF_AN_ANSWER},
        """
        - lessons/01_hello/README.md:55: The excerpt of solutions/01_hello/app.py#greet shows an
          answer. Show the idea on a smaller example in the lesson's examples/.
        """,
    ),
    "a table that is out of date": (
        {"course.toml": ("is greeted by name", "is greeted")},
        """
        - lessons/01_hello/README.md:32: The table of exercises is out of date. Run `course dev
          sync`.
        """,
    ),
    "a table of lessons that is out of date": (
        {"README.md": ("| 1 + 1 stretch |", "| 2 |")},
        """
        - README.md:5: The table of lessons is out of date. Run `course dev sync`.
        """,
    ),
    "a README without the table": (
        {"README.md": ("<!-- /lessons -->", "")},
        """
        - README.md: It has no table of lessons. Add <!-- lessons --> and <!-- /lessons -->,
          then run `course dev sync`.
        """,
    ),
    "a page without the table": (
        {PAGE: ("<!-- /exercises -->", "")},
        """
        - lessons/01_hello/README.md: It has no table of exercises. Add <!-- exercises --> and
          <!-- /exercises -->, then run `course dev sync`.
        """,
    ),
    "a link that leads nowhere": (
        {PAGE: ("../../README.md", "../../READ.md")},
        """
        - lessons/01_hello/README.md:21: The link ../../READ.md#lessons leads nowhere. Correct
          it.
        """,
    ),
    "a link to a heading that is not there": (
        {PAGE: ("README.md#lessons", "README.md#course")},
        """
        - lessons/01_hello/README.md:21: The link ../../README.md#course names a heading that is
          not there. Correct it.
        """,
    ),
    "a link out of the project": (
        {PAGE: ("../../README.md#lessons", "../../..")},
        """
        - lessons/01_hello/README.md:21: The link ../../.. leaves the project. Link to a file in
          it.
        """,
    ),
    "a command that does not exist": (
        {"README.md": ("course check hello", "course chek hello")},
        """
        - README.md:11: `course chek hello` would be refused: There is no command chek. Correct
          the command.
        """,
    ),
    "an option that does not exist": (
        {PAGE: ("--watch", "--wait")},
        """
        - lessons/01_hello/README.md:42: `course check hello --wait` would be refused: No such
          option: --wait. Correct the command.
        """,
    ),
    "too many arguments": (
        {PAGE: ("--watch", "and then some")},
        """
        - lessons/01_hello/README.md:42: `course check hello and then some` would be refused:
          `check` does not take and then some. Correct the command.
        """,
    ),
    "a command in a hint that does not exist": (
        {"course.toml": ("`course check hello`", "`course look`")},
        """
        - course.toml, hello.greeting: Hint 3: `course look` would be refused: There is no
          command look. Correct the command.
        """,
    ),
    "a hint that holds the answer": (
        {
            SOLUTION: (GREETS, f"    name = {LONG}\n{GREETS}"),
            "course.toml": ("An f-string holds it", f"Try name = {LONG}."),
        },
        """
        - course.toml, hello.greeting: Hint 3 holds a line of the solution. Say it in words.
        """,
    ),
    "a hint that is not written": (
        {"course.toml": ("Who is leaving?", "TODO: ask.")},
        """
        - course.toml, hello.farewell: Hint 1 is still to be written. Write it.
        """,
    ),
    "a title of its own": (
        {PAGE: ("# Hello", "# Hi")},
        """
        - lessons/01_hello/README.md: Its title is not 'Hello'. Use the title of course.toml.
        """,
    ),
    "sections in another order": (
        {PAGE: ("## In production", "## Production")},
        """
        - lessons/01_hello/README.md: It has `## Production` where `## In production` belongs.
          All lessons have the same sections.
        """,
    ),
    "a section too many": (
        {PAGE: ("- RFC 9110", "## More")},
        """
        - lessons/01_hello/README.md: It has `## More` where no further section belongs. All
          lessons have the same sections.
        """,
    ),
    "no steps": (
        {PAGE: ("### Use", "#### Use")},
        """
        - lessons/01_hello/README.md: `## Step by step` has no `###` steps. Give each idea a
          heading.
        """,
    ),
    "a text that is not written": (
        {PAGE: ("After this page", "TODO: promise. After this page")},
        """
        - lessons/01_hello/README.md:3: This text is still to be written. Write it.
        """,
    ),
}

CASES = MANIFEST_AND_DISK | SUITES | PAIRS | PROOF | PROSE


def edit(root: Path, edits: Mapping[str, Edit]) -> None:
    for name, change in edits.items():
        path = root / name
        match change:
            case None:
                path.unlink()
            case str():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(change, encoding="utf-8")
            case (old, new):
                text = path.read_text(encoding="utf-8")
                assert old in text, f"{name} has no {old!r}"
                path.write_text(text.replace(old, new), encoding="utf-8")


def screen(report: CourseReport) -> str:
    """All findings, one below the other."""
    return "\n".join(
        fill(
            f"- {finding}",
            88,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for finding in report.all_findings
    )


def check(workspace: Workspace) -> CourseReport:
    return check_course(workspace, make_runner=FakeRunner)


@pytest.fixture
def tiny(tmp_path: Path) -> Workspace:
    return write_course(tmp_path)


def test_an_app_is_an_exercises_own_if_only_what_rests_on_that_catches_it_too(
    tiny: Workspace,
) -> None:
    edits: dict[str, Edit] = dict.fromkeys(WRONG_GREETINGS, WRONG_IN_BOTH)
    edits[HELLO] = ('idea="Who is leaving?"', 'idea="Who is leaving?", rests_on="greeting"')
    edit(tiny.content, edits)
    assert check(tiny).all_findings == ()


def test_nothing_is_found_in_a_course_that_holds(tiny: Workspace) -> None:
    assert check(tiny).all_findings == ()


@pytest.mark.parametrize("case", CASES)
def test_what_is_found_in_a_course_with(case: str, tiny: Workspace) -> None:
    edits, expected = CASES[case]
    edit(tiny.content, edits)
    assert screen(check(tiny)) == cleandoc(expected)


def test_an_unchanged_course_is_not_graded_again(tiny: Workspace) -> None:
    check(tiny)
    FakeRunner.jobs = 0
    report = check(tiny)
    assert (FakeRunner.jobs, report.all_findings) == (0, ())
    assert report.lessons[0].caught["greets_nobody"] == (GREETED,)


def test_only_what_changed_is_graded_again(tiny: Workspace) -> None:
    check(tiny)
    FakeRunner.jobs = 0
    edit(tiny.content, {NOBODY: ('"Hello!"', '"Hi!"'), PAGE: ("Names are data.", "Check names.")})
    check(tiny)
    assert FakeRunner.jobs == 1


@pytest.mark.parametrize("path", [HELLO, "requirements.lock"])
def test_another_suite_or_lock_has_everything_graded_again(path: str, tiny: Workspace) -> None:
    check(tiny)
    FakeRunner.jobs = 0
    with (tiny.content / path).open("a", encoding="utf-8") as file:
        file.write("\nchanged = 1\n")
    check(tiny)
    assert FakeRunner.jobs == 10


def test_a_lock_that_no_grading_needs_has_nothing_graded_again(tiny: Workspace) -> None:
    check(tiny)
    FakeRunner.jobs = 0
    (tiny.content / "requirements-test.lock").write_text("# made anew\nchanged==1\n")
    (tiny.content / "requirements.lock").write_text("# made anew\n")
    check(tiny)
    assert FakeRunner.jobs == 0


def test_what_does_not_hold_is_graded_again(tiny: Workspace) -> None:
    edit(tiny.content, {NOBODY: ('"Hello!"', 'f"Hello, {name}!"')})
    first = check(tiny)
    FakeRunner.jobs = 0
    assert check(tiny).all_findings == first.all_findings != ()
    assert FakeRunner.jobs == 3  # among others, and twice alone


def test_what_holds_when_graded_alone_is_named_but_no_finding(tiny: Workspace) -> None:
    number = count()

    class BusyAtFirst(FakeRunner):
        def run(self, job: Job) -> Iterator[dict[str, Any]]:
            if next(number) > 0:
                yield from super().run(job)
            else:
                yield {"kind": "not started", "message": "The app was not served in time."}
                yield {"kind": "end"}

    report = check_course(tiny, make_runner=BusyAtFirst)
    assert report.all_findings == ()
    assert "The app was not served in time." in str(report.lessons[0].unsteady[0])
    assert check(tiny).lessons[0].unsteady == ()


def test_a_damaged_memory_is_no_memory(tiny: Workspace) -> None:
    (tiny.content / CACHE).parent.mkdir()
    (tiny.content / CACHE).write_text('{"key": [{"other": 1}]}', encoding="utf-8")
    assert check(tiny).all_findings == ()


def test_a_check_of_one_lesson_leaves_the_rest_of_the_course_alone(tiny: Workspace) -> None:
    edit(tiny.content, {"solutions/02_more/app.py": "", "README.md": "# Nothing\n"})
    report = check_course(tiny, ["hello"], make_runner=FakeRunner)
    assert [finding.where for finding in report.all_findings] == [f"{PAGE}:21"]


def test_an_unknown_lesson_is_refused(tiny: Workspace) -> None:
    with pytest.raises(UnknownLesson, match="no lesson called 'helo'"):
        check_course(tiny, ["helo"], make_runner=FakeRunner)


def test_a_check_that_is_broken_off_ends_what_is_being_graded(tiny: Workspace) -> None:
    cancelled = Event()

    class Stuck(FakeRunner):
        def run(self, job: Job) -> Iterator[dict[str, Any]]:
            if "Hello, world!" in (Path(job.folder) / "app.py").read_text(encoding="utf-8"):
                raise KeyboardInterrupt
            assert cancelled.wait(10)
            return iter([{"kind": "end"}])

        def cancel(self) -> None:
            cancelled.set()

    with pytest.raises(KeyboardInterrupt):
        check_course(tiny, make_runner=Stuck)
    assert cancelled.is_set()


def test_each_lesson_is_reported_when_it_is_done(tiny: Workspace) -> None:
    lines: list[str] = []
    check_course(
        tiny, make_runner=FakeRunner, on_lesson=lambda report: lines.append(progress(report))
    )
    edit(tiny.content, {PAGE: ("# Hello", "# Hi")})
    check_course(
        tiny, make_runner=FakeRunner, on_lesson=lambda report: lines.append(progress(report))
    )
    assert lines == ["hello: holds", "hello: 1 to correct"]


def test_the_matrix_names_tests_by_wrong_app_and_wrong_apps_by_test(tiny: Workspace) -> None:
    lines = matrix(check(tiny).lessons[0], [GREETED, SEEN_OFF, "test_more"])
    assert lines[:4] == ["greets_everybody", f"  {GREETED}", "greets_nobody", f"  {GREETED}"]
    assert lines[lines.index("") :] == [
        "",
        GREETED,
        *("  greets_everybody", "  greets_nobody", "  greets_quietly"),
        SEEN_OFF,
        *("  sees_off_ada_only", "  sees_off_everybody", "  sees_off_nobody"),
        *("test_more", "  catches no wrong app"),
    ]


def test_the_real_grader_finds_the_same(tiny: Workspace) -> None:
    edit(tiny.content, {NOBODY: ('"Hello!"', 'f"Hello, {name}!"')})
    assert screen(check_course(tiny)) == cleandoc(CASES["a wrong app that passes"][1])
