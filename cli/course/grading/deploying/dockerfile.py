"""A Dockerfile, taken apart into stages, and what the image of the last one is like."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from course.grading.deploying.reading import Unreadable, text_of

HEREDOC = re.compile(r"(?<!<)<<(-?)([\"']?)([A-Za-z_]\w*)\2")
VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})")
FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S+))?\s+")
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
MINOR_VERSION = re.compile(r"\d+\.\d+")
OF_THE_SYSTEM = re.compile(r"(?:alpine|debian|ubuntu|fedora|ubi)-?\d+(?:\.\d+)*")
NONROOT = "65532"  # the user of images whose tag says nonroot


@dataclass(frozen=True)
class Instruction:
    """One instruction: of `COPY --from=build /venv /venv`, `flags` is {"from": ["build"]}."""

    line: int
    name: str
    flags: Mapping[str, list[str]]
    value: str
    documents: tuple[str, ...] = ()  # the texts of its heredocs

    @property
    def exec_form(self) -> list[str] | None:
        """The words of a JSON list, None for the shell form."""
        try:
            words = json.loads(self.value)
        except ValueError:
            return None
        is_list = isinstance(words, list) and all(isinstance(word, str) for word in words)
        return words if is_list else None

    @property
    def words(self) -> list[str]:
        """Its arguments in either form."""
        return self.exec_form if self.exec_form is not None else self.value.split()


@dataclass
class Stage:
    """What follows a FROM: `image` with its variables filled in, `parent` a stage of that name."""

    number: int
    line: int
    image: str
    name: str
    parent: "Stage | None"
    instructions: list[Instruction] = field(default_factory=list)

    def history(self) -> list[Instruction]:
        """All that happened to the image, from the first stage it stands on."""
        return [*(self.parent.history() if self.parent else []), *self.instructions]

    def last(self, name: str) -> Instruction | None:
        """The instruction of that name which counts."""
        return next((each for each in reversed(self.history()) if each.name == name), None)

    def variables(self, globals_: Mapping[str, str]) -> dict[str, str]:
        """What ARG and ENV say at the end of the stage."""
        known: dict[str, str] = {}
        for each in self.history():
            if each.name == "ARG":
                for name, value in assignments(each.value):
                    default = globals_.get(name, "") if value is None else value
                    known.setdefault(name, filled(default, known))
            elif each.name == "ENV":
                for name, value in assignments(each.value):
                    known[name] = filled(value or "", known)
        return known

    @property
    def outer_image(self) -> str:
        """The image from elsewhere that it stands on."""
        return self.parent.outer_image if self.parent else self.image

    def ancestors(self) -> "list[Stage]":
        """The stages that it stands on."""
        return [self.parent, *self.parent.ancestors()] if self.parent else []

    def takes_from(self, earlier: "list[Stage]") -> bool:
        """Whether it takes files from an earlier stage, and leaves the rest of that behind."""
        others = [stage for stage in earlier if stage not in self.ancestors()]
        named = {name for stage in others for name in (stage.name, str(stage.number)) if name}
        sources = [source for each in self.history() for source in sources_of(each)]
        return any(source.lower() in named for source in sources)


@dataclass(frozen=True)
class Dockerfile:
    """All stages, and the ARGs in front of them."""

    stages: list[Stage]
    arguments: Mapping[str, str]
    documents: tuple[tuple[str, str], ...]  # all heredocs: the name a COPY gives it, its text

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    @property
    def user(self) -> str:
        """Who runs the process, "" where nothing says so."""
        instruction = self.final.last("USER")
        if instruction is None:
            return NONROOT if "nonroot" in tag_of(self.final.outer_image) else ""
        filled_in = filled(instruction.value, self.final.variables(self.arguments))
        return filled_in.strip().strip("\"'").partition(":")[0]

    @property
    def port(self) -> str:
        """The PORT that its ENV gives the process, "" where it gives none."""
        instructions = [each for each in self.final.history() if each.name == "ENV"]
        given = {name for each in instructions for name, _ in assignments(each.value)}
        return self.final.variables(self.arguments)["PORT"] if "PORT" in given else ""

    @property
    def command(self) -> list[str]:
        """The words of ENTRYPOINT and CMD."""
        both = (self.final.last("ENTRYPOINT"), self.final.last("CMD"))
        return [word for each in both if each for word in each.words]

    def outer_images(self) -> Iterator[tuple[int, str]]:
        """The images of others that stages stand on, with their lines."""
        for stage in self.stages:
            if stage.parent is None and stage.image != "scratch":
                yield stage.line, stage.image


def sources_of(instruction: Instruction) -> list[str]:
    """The stages or images that an instruction takes files from."""
    mounts = [part for mount in instruction.flags.get("mount", []) for part in mount.split(",")]
    mounted = [part.removeprefix("from=") for part in mounts if part.startswith("from=")]
    return [*instruction.flags.get("from", []), *mounted]


def is_pinned(image: str) -> bool:
    """By a digest, or by a tag with at least a minor version of what is in it.

    `python:3-alpine3.20` says that of the system alone.
    """
    version = OF_THE_SYSTEM.sub("", tag_of(image))
    return bool(DIGEST.search(image) or MINOR_VERSION.search(version))


def tag_of(image: str) -> str:
    """What stands between name and digest, "" where there is none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def assignments(value: str) -> list[tuple[str, str | None]]:
    """`A=1 B="two words" C` as pairs; the old `ENV A 1` as one."""
    pairs = re.findall(r"([A-Za-z_]\w*)(?:=(\"(?:\\.|[^\"])*\"|'[^']*'|(?:\\.|\S)*))?", value)
    first = re.match(r"([A-Za-z_]\w*)\s+(\S.*)", value)
    if first and "=" not in value.partition(" ")[0]:
        return [(first[1], first[2])]
    return [(name, None if f"{name}=" not in value else text.strip("\"'")) for name, text in pairs]


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$A`, `${A}`, `${A:-other}` and `${A:+other}` filled in."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "\\$":
            return "$"
        name, operator, other = found[1] or found[2], found[3] or "", found[4] or ""
        known = variables.get(name, "")
        if operator.endswith("+"):
            return filled(other, variables) if known else ""
        return known or (filled(other, variables) if operator else "")

    return VARIABLE.sub(value, text)


def read_dockerfile(folder: Path) -> Dockerfile:
    """The folder's Dockerfile; `Unreadable` where there is none, or no stage in it."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    instructions = list(instructions_of(text_of(folder, "Dockerfile")))
    for each in instructions:
        if each.name == "FROM":
            image, *rest = [*filled(each.value, arguments).split(), ""]
            name = rest[1].lower() if len(rest) > 2 and rest[0].upper() == "AS" else ""
            parent = next((one for one in stages if one.name and one.name == image.lower()), None)
            stages.append(Stage(len(stages), each.line, image, name, parent))
        elif stages:
            stages[-1].instructions.append(each)
        elif each.name == "ARG":
            arguments |= {name: filled(v or "", arguments) for name, v in assignments(each.value)}
    if not stages:
        raise Unreadable("The Dockerfile has no FROM, so there is no image to build.")
    documents = tuple(
        (each.words[-1].rpartition("/")[2], text)
        for each in instructions
        for text in each.documents
    )
    return Dockerfile(stages, arguments, documents)


def instructions_of(text: str) -> Iterator[Instruction]:
    """The instructions in order, without comments."""
    from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

    logging.getLogger("dockerfile_parse").setLevel(logging.CRITICAL)
    without, documents = heredocs_taken_out(text)
    for each in DockerfileParser(fileobj=BytesIO(without.encode())).structure:
        if each["instruction"] == "COMMENT":
            continue
        value, flags = each["value"].strip(), dict[str, list[str]]()
        while found := FLAG.match(f"{value} "):
            flags.setdefault(found[1], []).append(found[2] or "")
            value = value[found.end() :].strip()
        own = tuple(
            documents[n] for n in range(each["startline"], each["endline"] + 1) if n in documents
        )
        yield Instruction(each["startline"] + 1, each["instruction"], flags, value, own)


def heredocs_taken_out(text: str) -> tuple[str, dict[int, str]]:
    """The text with the lines of its heredocs left empty, and their texts by the line they open on.

    The parser knows no heredocs and would take their lines for instructions.
    """
    kept: list[str] = []
    documents: dict[int, str] = {}
    ends: list[str] = []
    opened = 0
    for number, line in enumerate(text.splitlines()):
        if ends:
            if line.lstrip("\t").rstrip() == ends[0]:
                ends.pop(0)
            else:
                documents[opened] = f"{documents.get(opened, '')}{line}\n"
            kept.append("")
            continue
        kept.append(line)
        if re.match(r"\s*(RUN|COPY|ADD)\b", line, re.IGNORECASE):
            ends = [found[3] for found in HEREDOC.finditer(line)]
            opened = number
    return "\n".join(kept) + "\n", documents
