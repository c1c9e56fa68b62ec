"""check.py ROOT COMPILE_COMMANDS: prints every offence against the rules of the house, and fails when there is one."""

import sys

import rules

tree, commands = sys.argv[1:]
if not any(rules.sources(tree)):
    sys.exit(f"{tree} holds no C file of ours: nothing was checked")
found = list(rules.offences(tree, commands))
print("\n".join(found) or "The house is in order.")
sys.exit(1 if found else 0)
