"""A MariaDB for tests: a server for each process that asks, in a folder of its own, reached by its socket.

Whoever asks for an empty one gets the server with no databases but one that holds nothing. `KPIDSL_COLLATION`
in the environment names another collation for its tables than the server's own, which takes small and capital
letters for equal.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kpidsl.engines import connect
from kpidsl.engines.connection import Connection
from tests.servers.engine import EngineUnderTest
from tests.servers.watch import Watch, watch

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
DAEMON = shutil.which("mariadbd", path=_PLACES)
_INSTALL = shutil.which("mariadb-install-db", path=_PLACES)
_SERVERS_OWN = ("information_schema", "mysql", "performance_schema", "sys")
_LONGEST_WAIT = 60.0

DATABASE = "kpidsl"


def _missing() -> str | None:
    if find_spec("pymysql") is None:
        return "the package PyMySQL is not installed"
    if DAEMON is None or _INSTALL is None:
        return "no `mariadbd` is found: apt-get install --no-install-recommends mariadb-server"
    return None


WHY_NOT = _missing()


@dataclass(frozen=True, slots=True)
class _Server:
    folder: Path
    process: subprocess.Popen[bytes]
    watch: Watch


def _user() -> list[str]:
    """Return what makes the server run as another user than root, who must not run it."""
    return ["--user=mysql"] if os.geteuid() == 0 else []


@cache
def _server() -> _Server:
    assert DAEMON is not None
    assert _INSTALL is not None
    folder = Path(tempfile.mkdtemp(prefix="kpidsl-mariadb-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("mysql")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = f"--datadir={folder / 'data'}"
    scratch = folder / "scratch"
    scratch.mkdir()
    scratch.chmod(0o777)
    small = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M", "--aria-pagecache-buffer-size=8M"]
    log = (folder / "install.log").open("wb")
    with log:
        subprocess.run(
            [_INSTALL, "--no-defaults", *_user(), data, "--auth-root-authentication-method=normal", "--skip-test-db"],
            stdout=log, stderr=log, check=True,
        )  # fmt: skip
    started = [DAEMON, "--no-defaults", *_user(), data, *small, f"--socket={folder / 'socket'}"]
    # A server that starts removes what others have in a folder of theirs.
    started.append(f"--tmpdir={scratch}")
    started += ["--skip-networking", "--skip-name-resolve", "--character-set-server=utf8mb4"]
    started += [
        "--default-storage-engine=Aria",
        "--innodb-flush-log-at-trx-commit=0",
        "--performance-schema=off",
    ]
    if collation := os.environ.get("KPIDSL_COLLATION"):
        started.append(f"--collation-server={collation}")
    with (folder / "server.log").open("wb") as written:
        process = subprocess.Popen(started, stdout=written, stderr=written, start_new_session=True)
    watched = watch(process.pid, folder)
    _wait(folder, process)
    return _Server(folder, process, watched)


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    end = time.monotonic() + _LONGEST_WAIT
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(str(folder / "socket"))
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                told = (folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"mariadbd has not started:\n{told}") from None
            time.sleep(0.05)
        else:
            return


def url(database: str = "") -> str:
    """Return the URL of this process's server, which is started when it is first asked for."""
    return f"mysql://root@/{database}?host={_server().folder / 'socket'}"


def stop() -> None:
    """Stop the server, if this process has one."""
    if _server.cache_info().currsize:
        if _opened.cache_info().currsize:
            _opened().close()
        server = _server()
        server.process.terminate()
        server.process.wait(timeout=60)
        server.watch.end()
        shutil.rmtree(server.folder, ignore_errors=True)
        _server.cache_clear()
        _opened.cache_clear()


@cache
def _opened() -> Any:
    return connect(url(), base=Path("."), read_only=False)


def borrowed() -> Connection:
    """Return the process's connection with one empty database; those that are made are gone at the end."""
    from kpidsl.engines.mysql import Mysql

    class Borrowed(Mysql):
        def close(self) -> None:
            _empty(self)

    opened = _opened()
    connection = Borrowed(opened._connection, opened._ways)
    _empty(connection)
    connection.fetch(f"CREATE DATABASE {DATABASE}")
    connection.fetch(f"USE {DATABASE}")
    return connection


def _empty(connection: Connection) -> None:
    for (name,) in connection.fetch("SHOW DATABASES"):
        if name not in _SERVERS_OWN:
            connection.fetch(f"DROP DATABASE `{name}`")


ENGINE = EngineUnderTest("mariadb", "mysql", borrowed, missing=WHY_NOT, stop=stop)
