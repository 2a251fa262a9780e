"""Installs the servers that tests ask and pip does not have: `python -m tests.servers.install postgres,mariadb`.

By apt-get, as root or by sudo where that asks for no password. No service is started: each test process
starts a server of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.servers import mariadb

_PACKAGES = {"mariadb": ("mariadb-server", mariadb.DAEMON)}
"""The package of an engine, and where its server is already."""


def _installed(package: str) -> str | None:
    """Install a package and return None, or why it cannot be had."""
    apt = shutil.which("apt-get")
    sudo = [] if os.geteuid() == 0 else [shutil.which("sudo") or "", "-n"]
    if apt is None or "" in sudo:
        return "apt-get, as root or by sudo," if apt is None else "root or sudo"
    # At run level 1 Debian's packages start no service.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", apt, "-qq"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
        done = subprocess.run([*sudo, *quiet, *command], stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return f"`apt-get {command[0]}`"
    return None


def main() -> None:
    for name in sys.argv[1].split(","):
        package, place = _PACKAGES.get(name, ("", ""))
        lacking = None if place is not None else _installed(package)
        if lacking is not None:
            sys.exit(f"the tests of {name} need {package}, and {lacking} did not give it: install it")


if __name__ == "__main__":
    main()
