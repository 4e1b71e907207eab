"""Reads the contract's JSON Schemas; what the checks of this folder share."""

import json

import jsonschema


def load_schemas(directory):
    """Every schema of the folder by its $id, each checked to be a schema itself."""
    schemas = {}
    for file in sorted(directory.glob("*.schema.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        schemas[schema["$id"]] = schema
    if not schemas:
        raise SystemExit(f"no schema in {directory}")
    return schemas


def validator_of(schema, schemas):
    """A validator that finds what `schema` refers to among `schemas`, and asks nobody else."""
    resolver = jsonschema.RefResolver.from_schema(schema, store=schemas)
    resolver.resolve_remote = _refuse
    return jsonschema.Draft202012Validator(
        schema, resolver=resolver, format_checker=jsonschema.FormatChecker()
    )


def _refuse(uri):
    raise SystemExit(f"{uri} is not in the folder")
