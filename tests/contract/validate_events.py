"""Checks events, one JSON object a line on standard input, against the JSON Schemas of config/contract/schemas.

Usage: validate_events.py SCHEMA_DIR < events.jsonl

Prints each violation on standard output and the count per type on standard error. Exit 1 on any violation, or if there
was no event at all.
"""

import collections
import json
import pathlib
import sys

from contract_schemas import load_schemas, validator_of


def schemas_by_type(schemas):
    """The schemas of events, by the CloudEvents type that each is for."""
    found = {}
    for schema in schemas.values():
        event_type = schema.get("properties", {}).get("type", {}).get("const")
        if event_type:
            found[event_type] = schema
    return found


def violations(line, by_type, validators):
    """The event's type if it has one, and what is wrong with it."""
    try:
        event = json.loads(line)
    except ValueError as error:
        return None, [f"not JSON: {error}"]
    event_type = event.get("type") if isinstance(event, dict) else None
    if event_type not in by_type:
        return None, [f"no schema for type {event_type!r}"]
    faults = validators[event_type].iter_errors(event)
    return event_type, [f"{'.'.join(map(str, fault.absolute_path)) or 'event'}: {fault.message}" for fault in faults]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    schemas = load_schemas(pathlib.Path(sys.argv[1]))
    by_type = schemas_by_type(schemas)
    validators = {event_type: validator_of(schema, schemas) for event_type, schema in by_type.items()}

    counts = collections.Counter()
    bad = False
    for number, line in enumerate(sys.stdin, 1):
        event_type, faults = violations(line, by_type, validators)
        counts[event_type or "unknown"] += 1
        for fault in faults:
            bad = True
            print(f"line {number}: {event_type or 'unknown'}: {fault}")
    for event_type, count in sorted(counts.items()):
        print(f"{count:8} {event_type}", file=sys.stderr)
    if not counts:
        print("no event on standard input")
    sys.exit(1 if bad or not counts else 0)


if __name__ == "__main__":
    main()
