"""When the parts of a workflow run: on which pull requests, and after which failures."""

import re
from collections.abc import Mapping
from typing import Any

from course.grading.deploying.ignored import as_expression
from course.grading.deploying.reading import listed

ASKS_HOW_IT_WENT = re.compile(r"\b(?:always|failure|cancelled|success)\(\)")
SUCCEEDED = re.compile(
    r"(?<!!)\bsuccess\(\)"
    r"|!\s*contains\(\s*needs\.\*\.result\s*,\s*'failure'\s*\)"
)
NOT_IF_FAILED = re.compile(r"!\s*failure\(\)")
NOT_ON_PULL_REQUESTS = re.compile(
    r"event_name\s*==\s*'(?!pull_request)|event_name\s*!=\s*'pull_request'"
    r"|github\.ref\s*==\s*'refs/(?:heads|tags)|startsWith\(\s*github\.ref\s*,\s*'refs/(?:heads|tags)"
    r"|^\s*(?:\$\{\{)?\s*false\b"
    r"|^\s*(?:\$\{\{)?\s*github\.event\.pull_request\.head\.repo\.fork\s*(?:==\s*true\s*)?(?:\}\}\s*)?$"
)
ANYWAY = re.compile(r"\s*(?:\$\{\{)?\s*true\s*(?:\}\})?\s*", re.IGNORECASE)
# what a project's main branch is called
MAIN_BRANCHES = ("main", "master", "trunk", "develop", "development", "dev", "default", "mainline")


def is_for_the_main_branch(event: Mapping[str, Any]) -> bool:
    """Whether pull requests to the main branch make the event's workflow run, by its `branches`.

    That branch has a name of its own in each project, but none ignores its own.
    """
    if "branches-ignore" in event:
        return all(is_looked_at(name, event, "branches") for name in ("main", "master"))
    return any(is_looked_at(name, event, "branches") for name in MAIN_BRANCHES)


def is_looked_at(path: str, event: Mapping[str, Any], by: str = "paths") -> bool:
    """Whether a change of this file alone makes the event's workflow run, by its `paths`."""

    def fits(rule: str) -> bool:
        return re.fullmatch(as_expression(rule), path) is not None

    if f"{by}-ignore" in event:
        return not any(fits(str(rule)) for rule in listed(event[f"{by}-ignore"]))
    looked_at = by not in event
    for rule in map(str, listed(event.get(by))):
        if fits(rule.removeprefix("!")):
            looked_at = not rule.startswith("!")
    return looked_at


def runs_after_failures(condition: str, need: str = "") -> bool:
    """Whether an `if` is true though what came before has failed.

    That it must not have failed goes without saying, unless the condition asks how it went.
    """
    if not ASKS_HOW_IT_WENT.search(condition):
        return False
    return not all(asks_for_success(each, need) for each in alternatives(condition))


def asks_for_success(condition: str, need: str) -> bool:
    """Whether it is false after failures; `need` is the job whose result counts."""
    result = rf"needs\.{re.escape(need)}\.result\s*==\s*'success'" if need else r"(?!)"
    refuses = NOT_IF_FAILED.search(condition) and "always()" not in condition
    return bool(refuses or SUCCEEDED.search(condition) or re.search(result, condition))


def alternatives(condition: str) -> list[str]:
    """What stands between the `||` of an expression that are in no parentheses."""
    text = condition.strip().removeprefix("${{").removesuffix("}}")
    found, depth = [""], 0
    for part in re.split(r"(\|\||[()])", text):
        depth += (part == "(") - (part == ")")
        if part == "||" and depth == 0:
            found.append("")
        else:
            found[-1] += part
    return found


def goes_on_anyway(job_or_step: Mapping[str, Any]) -> bool:
    """Its failure is none: `continue-on-error: true`, as a value or as an expression."""
    return ANYWAY.fullmatch(str(job_or_step.get("continue-on-error", ""))) is not None


def condition_of(job_or_step: Mapping[str, Any]) -> str:
    """Its `if` as it was written, "" without one."""
    written = job_or_step.get("if", "")
    return str(written).lower() if isinstance(written, bool) else str(written)


def is_kept_from_pull_requests(condition: str) -> bool:
    return "||" not in condition and NOT_ON_PULL_REQUESTS.search(condition) is not None
