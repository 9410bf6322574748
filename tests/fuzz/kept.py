"""Seeds for the target `kept`: what the demonstration's decisions were given and answered. kept.py RECORD FOLDER"""

import pathlib
import sqlite3
import sys

record, folder = sys.argv[1:]
# The first byte says to the target what it is.
KEPT = [
    "SELECT bytes FROM content WHERE digest IN (SELECT snapshot FROM decision)",
    "SELECT answer FROM decision",
    "SELECT bytes FROM content WHERE digest IN (SELECT context FROM decision)",
]
with sqlite3.connect(record) as open_record:
    for what, statement in enumerate(KEPT):
        for n, (kept,) in enumerate(open_record.execute(statement)):
            pathlib.Path(folder, f"{what}-{n}").write_bytes(bytes([what]) + kept)
