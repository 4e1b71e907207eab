"""Checks files whose name begins with a schema's: NAME.*.json against NAME.schema.json.

Usage: validate_messages.py SCHEMA_DIR FILE...

Prints each violation; exit 1 on any.
"""

import json
import pathlib
import sys

from contract_schemas import load_schemas, validator_of


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    schemas = load_schemas(pathlib.Path(sys.argv[1]))
    by_name = {schema_id.rsplit("/", 1)[1].removesuffix(".schema.json"): schema for schema_id, schema in schemas.items()}
    bad = False
    for name in sys.argv[2:]:
        file = pathlib.Path(name)
        schema = by_name[file.name.split(".", 1)[0]]
        for fault in validator_of(schema, schemas).iter_errors(json.loads(file.read_text(encoding="utf-8"))):
            bad = True
            print(f"{file.name}: {'.'.join(map(str, fault.absolute_path)) or 'message'}: {fault.message}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
