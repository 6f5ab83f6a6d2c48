"""RawModule and its kernels, as CuPy offers them, with g++ and emulator.h in the place of NVRTC and a GPU."""

import ctypes
import mmap
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

HEADER = Path(__file__).with_name("emulator.h")
KERNEL = re.compile(r'extern\s+"C"\s+__global__\s+void\s+(?:__launch_bounds__\(\d+\)\s+)?(\w+)\s*\(')
DYNAMIC = re.compile(r"extern\s+__shared__\s+(\w+)\s+(\w+)\[\];")
STATIC = re.compile(r"(?<!extern )__shared__\s+(\w+)\s+(\w+)\[([^\]]+)\];")
COMPILE = (
    "g++",
    "-std=c++17",
    "-O2",
    "-shared",
    "-fPIC",
    "-w",
    "-fno-strict-aliasing",
    "-U_FORTIFY_SOURCE",
    "-x",
    "c++",
    "-",
)


class _Index(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in "xyz"]


class _Launch(ctypes.Structure):
    _fields_ = [
        ("grid", _Index), ("block", _Index), ("shared_bytes", ctypes.c_size_t),
        ("arguments", ctypes.POINTER(ctypes.c_void_p)),
        ("sizes", ctypes.POINTER(ctypes.c_int)), ("arguments_count", ctypes.c_int), ("order", ctypes.c_uint),
    ]  # fmt: skip


class RawModule:
    """Kernels compiled for the CPU. order: in which order the threads of a block take turns (0, 1, 2, ...)."""

    def __init__(self, *, code: str, options: tuple[str, ...] = (), order: int = 0):
        if "-std=c++17" not in options:
            raise ValueError("the kernels are C++17: pass options=('-std=c++17',)")
        self._library = ctypes.CDLL(_compiled(code))
        self.order = order

    def get_function(self, name: str) -> "RawKernel":
        return RawKernel(self, name)


class RawKernel:
    """kernel(grid, block, arguments, shared_mem=bytes): one launch, finished when it returns."""

    def __init__(self, module: RawModule, name: str):
        self.module, self.name = module, name
        self._function = getattr(module._library, f"launch_{name}")
        self._function.restype = ctypes.c_char_p

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple, *, shared_mem: int = 0) -> None:
        values = [_as_passed(value) for value in args]
        pointers = (ctypes.c_void_p * len(values))(*(value.ctypes.data for value in values))
        sizes = (ctypes.c_int * len(values))(*(value.nbytes for value in values))
        dimensions = (_Index(*(*shape, 1, 1)[:3]) for shape in (grid, block))
        error = self._function(_Launch(*dimensions, shared_mem, pointers, sizes, len(values), self.module.order))
        if error:
            raise RuntimeError(f"{self.name}: {error.decode()}")


def fenced(shape: tuple[int, ...], dtype) -> np.ndarray:
    """An array of zeros whose end (rounded up to 16 bytes) is the end of accessible memory: a kernel that goes on is
    told so.
    """
    dtype, count = np.dtype(dtype), int(np.prod(shape))
    nbytes = -(-count * dtype.itemsize // 16) * 16
    accessible = -(-max(nbytes, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, accessible + mmap.PAGESIZE)
    array = np.frombuffer(memory, dtype, count, accessible - nbytes).reshape(shape)
    start = np.frombuffer(memory, np.uint8).ctypes.data
    if ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + accessible), ctypes.c_size_t(mmap.PAGESIZE), 0):
        raise OSError("mprotect failed")
    return array


def _as_passed(value) -> np.ndarray:
    """The bytes that a GPU's kernel would be handed: the address of an array, or a scalar as it is."""
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise TypeError("an array handed to a kernel must be contiguous")
        return np.array(value.ctypes.data, np.uint64)
    if isinstance(value, np.generic):
        return np.array(value)
    raise TypeError(f"a kernel takes arrays and NumPy scalars, not {type(value).__name__}: CuPy would pass 8 bytes")


@cache
def _compiled(code: str) -> str:
    """Path of the shared library of that text, compiled once a session."""
    kernels = KERNEL.findall(code)
    text = DYNAMIC.sub(r"\1* \2 = reinterpret_cast<\1*>(emulator::dynamic_shared.data());", code)
    text = STATIC.sub(r"auto& \2 = emulator::shared<\1[\3], __COUNTER__>();", text)
    entries = (
        f'extern "C" const char* launch_{name}(emulator::Launch l) {{ return emulator::launch(&{name}, l); }}'
        for name in kernels
    )
    text = "\n".join([HEADER.read_text(), '#line 1 "kernels"', text, *entries])
    library = Path(_folder().name) / f"{len(list(Path(_folder().name).iterdir()))}.so"
    made = subprocess.run([*COMPILE, "-o", str(library)], input=text, text=True, capture_output=True)
    if made.returncode:
        raise RuntimeError(made.stderr)
    return str(library)


@cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="cuda-on-cpu-")
