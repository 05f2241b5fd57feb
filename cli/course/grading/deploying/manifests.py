"""Kubernetes objects from several files, and what they say about the app's Deployment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.grading.deploying.keys import A_KEY, SECRET_NAME, secrets_given_in
from course.grading.deploying.reading import Unreadable, listed, mapping, yaml_of


@dataclass(frozen=True)
class Manifest:
    """One object, and the file it stands in."""

    file: str
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        return str(mapping(self.body.get("metadata")).get("name", ""))

    @property
    def spec(self) -> dict[str, Any]:
        return mapping(self.body.get("spec"))

    def __str__(self) -> str:
        return f"{self.kind} {self.name} in {self.file}"


def read_manifests(folder: Path) -> list[Manifest]:
    """Every object of k8s/*.yaml, those of Lists one by one; `Unreadable` when there are none."""
    files = sorted(path for path in (folder / "k8s").glob("*") if path.suffix in (".yaml", ".yml"))
    found = [
        Manifest(f"k8s/{path.name}", body)
        for path in files
        for document in yaml_of(folder, f"k8s/{path.name}")
        for body in bodies(document, f"k8s/{path.name}")
    ]
    if not found:
        raise Unreadable("There is no Kubernetes object in k8s/*.yaml.")
    return found


def bodies(document: object, file: str) -> list[dict[str, Any]]:
    """The objects of one YAML document."""
    body = mapping(document)
    if not isinstance(body.get("kind"), str) or not isinstance(body.get("apiVersion"), str):
        raise Unreadable(f"{file} has a document that is no object: it has no apiVersion and kind.")
    if body["kind"].endswith("List") and isinstance(body.get("items"), list):
        return [each for item in body["items"] for each in bodies(item, file)]
    return [body]


class Deployment:
    """The app's Deployment, its pods, and the container that the app runs in."""

    def __init__(self, manifest: Manifest, others: Sequence[Manifest]) -> None:
        self.manifest = manifest
        self._others = others
        template = mapping(manifest.spec.get("template"))
        self.labels = mapping(mapping(template.get("metadata")).get("labels"))
        self.pod = mapping(template.get("spec"))
        containers = [mapping(each) for each in listed(self.pod.get("containers"))]
        self.containers = containers or [{}]
        self.container = max(self.containers, key=_likeness)

    def security(self, key: str) -> object:
        """A setting of the security context: the container's own goes before the pod's."""
        own = mapping(self.container.get("securityContext"))
        return own[key] if key in own else mapping(self.pod.get("securityContext")).get(key)

    def resource(self, which: str, name: str) -> object:
        """`resource("limits", "memory")`, of the container or of the whole pod.

        A limit without a request is a request as well.
        """
        for holder in (self.container, self.pod):
            given = mapping(holder.get("resources"))
            value = mapping(given.get(which)).get(name)
            if value is None and which == "requests":
                value = mapping(given.get("limits")).get(name)
            if value is not None:
                return value
        return None

    def beside(self, target: object) -> bool:
        """Whether a port, by name or number, is one of another container of the pod."""
        others = [each for each in self.containers if each is not self.container]
        ports = [mapping(port) for each in others for port in listed(each.get("ports"))]
        return any(target in (port.get("name"), port.get("containerPort")) for port in ports)

    def port(self, wanted: object) -> int | None:
        """The number of a port that is given by number or by name; None for an unknown name."""
        if isinstance(wanted, int):
            return wanted
        ports = [mapping(each) for each in listed(self.container.get("ports"))]
        named = (each.get("containerPort") for each in ports if each.get("name") == wanted)
        return int(str(wanted)) if str(wanted).isdigit() else next(named, None)

    def probe(self, which: str) -> dict[str, Any]:
        return mapping(self.container.get(which))

    def setting(self, name: str, default: float) -> float | str:
        """A number from the container's environment or its ConfigMaps; a text that is none."""
        value: object = None
        for source in listed(self.container.get("envFrom")):
            reference = mapping(mapping(source).get("configMapRef"))
            data = self._config_map(str(reference.get("name")))
            value = data.get(name.removeprefix(str(mapping(source).get("prefix") or "")), value)
        for variable in self.environment(self.container):
            if variable.get("name") == name:
                key = mapping(mapping(variable.get("valueFrom")).get("configMapKeyRef"))
                data = self._config_map(str(key.get("name")))
                value = variable.get("value", data.get(str(key.get("key"))))
        try:
            return default if value is None else float(str(value))
        except ValueError:
            return str(value)

    def _config_map(self, name: str) -> Mapping[str, Any]:
        for each in self._others:
            if each.kind == "ConfigMap" and each.name == name:
                return mapping(each.body.get("data"))
        return {}

    @property
    def command(self) -> list[str]:
        """The words that the container is started with, where it says any."""
        parts = (self.container.get(part) for part in ("command", "args"))
        return [str(word) for part in parts for word in listed(part)]

    def may_be_given_elsewhere(self, name: str) -> bool:
        """Whether a variable may come from a ConfigMap or Secret that is not among the files."""
        sources = [mapping(each) for each in listed(self.container.get("envFrom"))]
        own = [each for each in self.environment(self.container) if each.get("name") == name]
        maps = [mapping(each.get("configMapRef")) for each in sources] + [
            mapping(mapping(each.get("valueFrom")).get("configMapKeyRef")) for each in own
        ]
        names = {str(each["name"]) for each in maps if "name" in each}
        known = {each.name for each in self._others if each.kind == "ConfigMap"}
        return not names <= known or any("secretRef" in each for each in sources)

    @staticmethod
    def environment(container: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [mapping(each) for each in listed(container.get("env"))]

    def secrets_written_out(self) -> list[str]:
        """Variables, words of commands and keys of ConfigMaps that hold a secret in the open."""
        init = [mapping(each) for each in listed(self.pod.get("initContainers"))]
        containers = (*self.containers, *init)
        found = [
            str(variable["name"])
            for container in containers
            for variable in self.environment(container)
            if SECRET_NAME.search(str(variable.get("name", "")))
            and (
                not str(variable.get("value") or "$(").startswith("$(")  # another variable's value
                or "configMapKeyRef" in mapping(variable.get("valueFrom"))
            )
        ]
        in_commands = [
            secret
            for container in containers
            for part in ("command", "args")
            for text in listed(container.get(part))
            for secret in secrets_given_in(str(text))
        ]
        in_maps = [
            f"{key} of {each}"
            for each in self._others
            if each.kind == "ConfigMap"
            for key in mapping(each.body.get("data"))
            if SECRET_NAME.search(str(key))
        ]
        return [*found, *in_commands, *in_maps, *self._keys_written_out()]

    def _keys_written_out(self) -> list[str]:
        """Where a value looks like a key, whatever its name is."""
        init = [mapping(each) for each in listed(self.pod.get("initContainers"))]
        template = mapping(mapping(self.manifest.spec.get("template")).get("metadata"))
        values = [
            (str(variable.get("name")), variable.get("value"))
            for container in (*self.containers, *init)
            for variable in self.environment(container)
            if not SECRET_NAME.search(str(variable.get("name", "")))
        ]
        for metadata in (mapping(self.manifest.body.get("metadata")), template):
            for key, value in mapping(metadata.get("annotations")).items():
                values.append((f"The annotation {key}", value))
        for each in self._others:
            if each.kind == "ConfigMap":
                for key, value in mapping(each.body.get("data")).items():
                    if not SECRET_NAME.search(str(key)):
                        values.append((f"{key} of {each}", value))
        return [f"{name}, which looks like a key," for name, value in values if holds_a_key(value)]

    def refers_to_a_secret(self) -> bool:
        """LLM_API_KEY does, or all variables of a Secret, or a mounted volume."""
        volumes = [mapping(each) for each in listed(self.pod.get("volumes"))]
        projected = [
            mapping(source)
            for volume in volumes
            for source in listed(mapping(volume.get("projected")).get("sources"))
        ]
        return (
            self._key_is_in_a_secret()
            or any("secretRef" in mapping(e) for e in listed(self.container.get("envFrom")))
            or any("secret" in each or "csi" in each for each in (*volumes, *projected))
        )

    def _key_is_in_a_secret(self) -> bool:
        """By its own variable, or by another one that it is made of."""
        variables = self.environment(self.container)
        kept = [each for each in variables if "secretKeyRef" in mapping(each.get("valueFrom"))]
        names = {str(each.get("name")) for each in kept}
        made_of = [
            str(each.get("value")) for each in variables if each.get("name") == "LLM_API_KEY"
        ]
        in_the_command = bool(names) and "LLM_API_KEY" in str(self.command)
        return (
            "LLM_API_KEY" in names
            or in_the_command
            or any(f"$({name})" in value for name in names for value in made_of)
        )

    def same_namespace(self, other: Manifest) -> bool:
        """Unless both say where they belong, and say different things."""
        places = [
            mapping(each.body.get("metadata")).get("namespace") for each in (self.manifest, other)
        ]
        return None in places or places[0] == places[1]


def _likeness(container: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """How much a container looks like the app's, beside a sidecar."""
    names = [str(each.get("name")) for each in Deployment.environment(container)]
    return (
        any(name.startswith("LLM_") for name in names),
        "/livez" in str(container.get("livenessProbe")),
        bool(container.get("envFrom")),
    )


def holds_a_key(value: object) -> bool:
    return A_KEY.search(str(value)) is not None


def the_deployment(manifests: Sequence[Manifest]) -> Deployment:
    """The Deployment with the container that looks most like the app's."""
    found = [Deployment(each, manifests) for each in manifests if each.kind == "Deployment"]
    if not found:
        raise Unreadable("There is no Deployment in k8s/*.yaml.")
    return max(found, key=lambda each: _likeness(each.container))


def selects(selector: object, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions) fits these labels."""
    wanted = mapping(selector)
    by_label = mapping(wanted.get("matchLabels"))
    expressions = [mapping(each) for each in listed(wanted.get("matchExpressions"))]
    return all(labels.get(key) == value for key, value in by_label.items()) and all(
        _holds(each, labels) for each in expressions
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), listed(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def probe_asks(probe: Mapping[str, Any], path: str) -> bool:
    """By HTTP, or by a command that names the path."""
    asked = str(mapping(probe.get("httpGet")).get("path", "")).partition("?")[0]
    command = " ".join(map(str, listed(mapping(probe.get("exec")).get("command"))))
    return asked == path or bool(re.search(rf"{re.escape(path)}(?![\w/-])", command))
