"""Checks asyncapi.yaml: it parses, every $ref resolves, and its channels are the topics that the gateway really uses.

Usage: validate_asyncapi.py ASYNCAPI_YAML < TOPICS

TOPICS: one address a line, as print_topics writes them. Prints each fault; exit 1 on any.
"""

import json
import pathlib
import sys

import yaml


def references(node):
    """Every $ref below `node`."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolves(reference, document, directory):
    file, _, pointer = reference.partition("#")
    if file:
        path = directory / file
        if not path.is_file():
            return False
        document = json.loads(path.read_text(encoding="utf-8"))
    for step in filter(None, pointer.split("/")):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or step not in document:
            return False
        document = document[step]
    return True


def unresolved(document, directory):
    """References of the document, and of the schemas beside it, that lead nowhere."""
    for reference in references(document):
        if not resolves(reference, document, directory):
            yield f"asyncapi.yaml: {reference} leads nowhere"
    for file in sorted((directory / "schemas").glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        for reference in references(schema):
            if not resolves(reference, schema, file.parent):
                yield f"{file.name}: {reference} leads nowhere"


def incomplete(document):
    """Channels whose parameters are not those of their address, and operations without a quality of service."""
    for name, channel in document["channels"].items():
        used = {part[1:-1] for part in channel["address"].split("/") if part.startswith("{")}
        if used != set(channel.get("parameters", {})):
            yield f"channel {name}: parameters differ from the address"
    for name, operation in document["operations"].items():
        if operation.get("bindings", {}).get("mqtt", {}).get("qos") != 1:
            yield f"operation {name}: not QoS 1"
    used = {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in document["operations"].values()}
    for name in set(document["channels"]) - used:
        yield f"channel {name}: no operation"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    path = pathlib.Path(sys.argv[1])
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    faults = [] if document.get("asyncapi") == "3.0.0" else ["not AsyncAPI 3.0.0"]
    faults += unresolved(document, path.parent)
    faults += incomplete(document)
    described = {channel["address"] for channel in document["channels"].values()}
    topics = set(sys.stdin.read().split())
    faults += [f"{topic} is used and not described" for topic in sorted(topics - described)]
    faults += [f"{topic} is described and not used" for topic in sorted(described - topics)]
    print("\n".join(faults) or f"{len(described)} channels")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
