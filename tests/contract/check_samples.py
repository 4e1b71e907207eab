"""Sees the schemas accept what is right and refuse what is wrong: a validator that never fails checks nothing.

Usage: check_samples.py CONTRACT_DIR SAMPLES_DIR

Every *.valid.* sample must pass, every line of *.invalid.jsonl and every *.invalid.json must fail, and the examples in
the contract's README.md must hold. Exit 1 on any surprise.
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def passes(tool, *arguments, text=""):
    command = [sys.executable, str(HERE / tool), *map(str, arguments)]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False).returncode == 0


def surprises(schemas, samples):
    """What did not pass or fail as its name says."""
    for file in sorted(samples.iterdir()):
        good = ".valid." in file.name
        if file.suffix == ".json":
            if passes("validate_messages.py", schemas, file) != good:
                yield file.name
        elif good:
            if not passes("validate_events.py", schemas, text=file.read_text(encoding="utf-8")):
                yield file.name
        else:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if passes("validate_events.py", schemas, text=line):
                    yield f"{file.name} line {number}"
    if passes("validate_events.py", schemas):
        yield "no event at all"


def sample_less(schemas, samples):
    """Schemas without a valid sample."""
    named = {file.name.split(".", 1)[0] for file in samples.glob("*.valid.json")}
    events = (samples / "events.valid.jsonl").read_text(encoding="utf-8").splitlines()
    named |= {json.loads(line)["type"].removeprefix("com.beacongateway.") for line in events}
    for file in sorted(schemas.glob("*.schema.json")):
        name = file.name.removesuffix(".schema.json")
        if name != "common" and name not in named:
            yield f"no sample for {name}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    contract, samples = map(pathlib.Path, sys.argv[1:])
    faults = list(surprises(contract / "schemas", samples)) + list(sample_less(contract / "schemas", samples))
    examples = re.findall(r"```python\n(.*?)```", (contract / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    if len(examples) != 2:
        faults.append(f"{len(examples)} examples in README.md")
    print("\n".join(faults) or "all as expected")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
