"""Pages: what is read from Markdown, and what the command line says to their commands."""

from pathlib import Path

import pytest
import typer
import typer.main

from course.dev.commands import commands_in, problem_with, words_of
from course.dev.pages import Code, excerpt_block, excerpts, read_page

PAGE = """\
# The `app`, and its *tests*!

See [one](one.md "One"), ![two](two.png) and [three]; not `[four](four.md)`.

## Steps

    course indented

```sh
# no heading
course check  # [five](five.md)
<!-- excerpt: app.py -->
```

## Steps

<a id="own"></a>
~~~python
course = 1
~~~

[three]: three.md
"""


def test_headings_have_the_anchors_that_github_gives_them() -> None:
    anchors = [heading.anchor for heading in read_page(PAGE).headings]
    assert anchors == ["the-app-and-its-tests", "steps", "steps-1"]
    assert read_page(PAGE).anchors == {*anchors, "own"}


def test_links_are_found_outside_of_code() -> None:
    assert read_page(PAGE).links == ((3, "one.md"), (3, "two.png"), (22, "three.md"))


def test_code_is_found_inline_and_in_blocks() -> None:
    code = read_page(PAGE).code
    assert [(each.line, each.language) for each in code] == [
        *[(10, "sh"), (19, "python")],
        *[(1, None), (3, None)],
    ]


def test_commands_are_found_in_shells_only() -> None:
    found = [command for code in read_page(PAGE).code for command in commands_in(code)]
    assert found == [(11, ["check"])]


def test_an_excerpt_inside_a_block_is_an_example_of_one() -> None:
    assert list(excerpts(PAGE)) == []


def test_an_excerpt_is_a_file_or_a_definition_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n\n\n# Why.\nLIMIT = 5\n", encoding="utf-8")
    (tmp_path / "ci.yml").write_text("on: push\n", encoding="utf-8")
    assert excerpt_block(tmp_path, "a.py", "LIMIT") == "```python\n# Why.\nLIMIT = 5\n```"
    assert excerpt_block(tmp_path, "ci.yml", None) == "```yaml\non: push\n```"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("course check basic", ["check", "basic"]),
        ("./course check", ["check"]),
        ("py course check", ["check"]),
        ("$ LLM_MODEL=gpt-4 course serve", ["serve"]),
        ("course", []),
        ('course query "two words" --stream | head', ["query", "two words", "--stream"]),
        ("course check > out.txt; ls", ["check"]),
        ("course check basic  # a comment", ["check", "basic"]),
        ("course check [SLUG] [--watch] [--starter | --path DIR]", None),
        ("course hint [SLUG [EXERCISE]]", ["hint", "SLUG", "EXERCISE"]),
        ("course check [--json FILE \\| -]", ["check", "--json", "FILE"]),
    ],
)
def test_the_words_of_a_command(text: str, words: list[str] | None) -> None:
    expected = (
        ["check", "SLUG", "--watch", "--starter", "--path", "DIR"] if words is None else words
    )
    assert list(commands_in(Code(7, text, None))) == [(7, expected)]


@pytest.mark.parametrize("text", ["course.toml", "courses", "of course", "course_root = 1"])
def test_other_words_are_no_commands(text: str) -> None:
    assert list(commands_in(Code(1, text, None))) == []


def test_an_open_quotation_mark_is_no_trouble() -> None:
    assert words_of("query don't") == ["query", "don't"]


app = typer.Typer()
dev = typer.Typer()
app.add_typer(dev, name="dev")


@app.callback(invoke_without_command=True)
def root() -> None: ...


@app.command()
def check(slug: str, port: int = 1, watch: bool = False) -> None: ...


@dev.command()
def sync() -> None: ...


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("", ""),
        ("--help", ""),
        ("check SLUG", ""),
        ("check basic --port PORT --watch", ""),
        ("check --help", ""),
        ("COMMAND", ""),
        ("dev sync", ""),
        ("dev ...", ""),
        ("--ensure services", ""),
        ("check", "`check` needs SLUG."),
        ("check a b", "`check` does not take b."),
        ("check a --prot 1", "No such option: --prot"),
        ("check a --port", "Option '--port' requires an argument."),
        ("chek", "There is no command chek."),
        ("dev", "`dev` needs the name of a command after it."),
        ("dev snyc", "There is no command snyc."),
    ],
)
def test_a_command_is_taken_or_refused(command: str, problem: str) -> None:
    said = problem_with(command.split(), typer.main.get_command(app))
    assert said.partition(" Did you")[0].partition(" (Possible")[0] == problem
