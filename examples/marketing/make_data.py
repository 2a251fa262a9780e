"""Build the roastery's data: data/roastery.duckdb beside this file, the same rows each time.

Run: python examples/marketing/make_data.py [SCALE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from roastery.duckdb_file import write
from roastery.stored import stored
from roastery.world import tables

if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(write(Path(__file__).resolve().parent / "data" / "roastery.duckdb", stored(tables(scale))))
