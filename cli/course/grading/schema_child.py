"""In a process of its own: judge the OpenAPI schema on standard input; findings on standard output.

The schema is a learner's, and so is the app that is tried out: both may be anything.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

CASES = {"positive": 16, "negative": 4}  # for each operation: good requests, and bad ones
SEED = 5
ANSWER_SECONDS = 10.0


def validate(document: Any) -> Iterator[str]:
    """What is not valid OpenAPI, and where."""
    from openapi_spec_validator.shortcuts import get_validator_cls

    for error in get_validator_cls(document)(document).iter_errors():
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        yield f"{where}: {error.message}".partition("\n")[0]


def try_out(document: Any, url: str, headers: dict[str, str]) -> Iterator[str]:
    """A sentence for each kind of answer that no caller expects."""
    import requests
    import schemathesis
    from schemathesis.core.result import Ok

    session = requests.Session()
    session.trust_env = False  # loopback needs no proxy
    found: dict[str, None] = {}

    def send(case: Any) -> None:
        if isinstance(case.body, bytes) or not is_json(case.media_type):
            return
        what = f"{case.method} {case.formatted_path}"
        body = f" with {shown(case.body)}" if case.media_type else ""
        try:
            answer = case.call(
                base_url=url, headers=headers, session=session, timeout=ANSWER_SECONDS
            )
        except requests.RequestException:
            found[f"{what}{body} got no answer."] = None
            return
        declared = case.operation.definition.raw.get("responses", {})
        expected = {str(answer.status_code), f"{answer.status_code // 100}XX", "default"}
        if answer.status_code >= 500:
            found[f"{what}{body} was answered with {answer.status_code}."] = None
        elif expected.isdisjoint(map(str, declared)):
            found[
                f"{what}{body} was answered with {answer.status_code}, which is not declared."
            ] = None

    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        if isinstance(result, Ok):
            for mode in schemathesis.GenerationMode:
                strategy = result.ok().as_strategy(generation_mode=mode)
                sent = run_cases(strategy, CASES[mode.value], send)
                if mode.is_positive:
                    for case in of_wrong_types(sent):
                        send(case)
        else:
            found[f"An operation cannot be read: {result.err()}."] = None
    yield from found


def run_cases(strategy: Any, count: int, send: Callable[[Any], None]) -> list[Any]:
    """The same cases each time; none where no bad request can be made of an operation."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis.errors import Unsatisfiable

    bounded = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    sent = []

    @seed(SEED)
    @bounded
    @given(strategy)
    def cases(case: Any) -> None:
        send(case)
        sent.append(case)

    with suppress(Unsatisfiable):
        cases()
    return sent


def of_wrong_types(good: Iterable[Any]) -> Iterator[Any]:
    """One of the good cases, each time with another body: JSON that is of the wrong type.

    Of the bad cases that are made from a schema, hardly one has a body that is JSON.
    """
    case = next((each for each in good if isinstance(each.body, dict)), None)
    if case is None:
        return
    known = case.body
    bodies: list[Any] = [[], {}, *({**known, name: [{}]} for name in properties_of(case))]
    for body in bodies:
        case.body = body
        yield case


def properties_of(case: Any) -> list[str]:
    """The names that the body may have by its schema; a good case leaves some out."""
    of_its_kind = [each for each in case.operation.body if each.media_type == case.media_type]
    schemas = [each.resolved_schema or {} for each in of_its_kind]
    return [name for schema in schemas for name in schema.get("properties", {})]


def is_json(media_type: str | None) -> bool:
    return media_type is None or "json" in media_type


def shown(body: Any) -> str:
    text = json.dumps(body, default=str)
    return text if len(text) <= 120 else text[:119] + "…"


def main() -> None:
    question = json.load(sys.stdin)
    judges: dict[str, Callable[..., Iterator[str]]] = {"validate": validate, "try out": try_out}
    do = judges[question.pop("do")]
    try:
        found = list(do(**question))
    except Exception as problem:  # noqa: BLE001  (a schema that no tool understands)
        found = [f"{type(problem).__name__}: {problem}".partition("\n")[0]]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
