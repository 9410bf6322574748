"""Who there is in a demonstration, and their tokens: a line each."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    tokens = json.load(file)
print("operator", tokens["operator"])
print("system", tokens["councils"][0][1])
for who, token in tokens["people"]:
    print(who.replace(" ", "-"), token)
