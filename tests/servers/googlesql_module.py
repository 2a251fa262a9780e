"""GoogleSQL's reference implementation, a WebAssembly module: compiled once for a machine, and then kept.

Compiling takes from half a minute to three, loading what was compiled half a second. The file lies in the
user's own cache, named by the versions; whoever comes while another process compiles waits for it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tzdata
from wasmtime import Config, Engine, Linker, Module, Store, WasiConfig, WasmtimeError
from zetasql.core.wasm_client import WasmClient
from zetasql.wasi import get_wasm_path

_STACK = 2 * 1024 * 1024 - 1
"""Deep statements recurse; it is the most that the runtime takes by itself."""


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    names = ("zetasql", version("zetasql"), "wasmtime", version("wasmtime"), platform.machine())
    return Path(root) / "kpidsl" / ("-".join(names) + ".cwasm")


def _compiled(engine: Engine) -> Module:
    kept = _cache()
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return Module.deserialize_file(engine, str(kept))
        except WasmtimeError:
            # Not there yet, or compiled for another processor.
            module = Module.from_file(engine, str(get_wasm_path()))
            written = kept.with_suffix(f".{os.getpid()}")
            written.write_bytes(module.serialize())
            written.replace(kept)
            return module


class Client(WasmClient):  # type: ignore[misc]
    """The package's client on a kept module, copying memory as a whole instead of byte by byte."""

    def __init__(self) -> None:
        config = Config()
        config.shared_memory = True
        config.max_wasm_stack = _STACK
        engine = Engine(config)
        wasi = WasiConfig()
        wasi.preopen_dir(str(Path(tzdata.__file__).parent / "zoneinfo"), "/usr/share/zoneinfo")
        self.store = Store(engine)
        self.store.set_wasi(wasi)
        linker = Linker(engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, _compiled(engine))
        self.exports: Any = self.instance.exports(self.store)
        self.exports["_initialize"](self.store)
        self.memory: Any = self.exports["memory"]

    def _address(self) -> int:
        return ctypes.cast(self.memory.data_ptr(), ctypes.c_void_p).value or 0

    def write_bytes(self, ptr: int, data: bytes) -> None:
        ctypes.memmove(self._address() + ptr, data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        return ctypes.string_at(self._address() + ptr, size)
