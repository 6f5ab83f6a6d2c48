"""NVIDIA's run-time compiler, which needs no GPU.

`python tests/helpers/nvrtc.py` prints what each kernel takes on each kind of card.
"""

import ctypes
import importlib.util
import re
import signal
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from plaw.engine.backends.device import OPTIONS, SOURCES

ARCHITECTURES = (70, 75, 80, 86, 90, 100, 120)
REPORT = re.compile(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads.*?"
    r"Used (\d+) registers([^\n]*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Resources:
    """What one thread (registers; stack and spills in bytes) and one block (static shared memory in bytes) take."""

    registers: int
    stack: int
    spills: int
    shared: int


def library() -> Path | None:
    """The compiler that the wheel nvidia-cuda-nvrtc-cu12 brings, or None."""
    try:
        found = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        found = None
    paths = [
        path
        for folder in (found.submodule_search_locations if found else ())
        for path in Path(folder).glob("lib/libnvrtc.so.*")
    ]
    return paths[0] if paths else None


def source() -> str:
    return "\n".join(files("plaw.engine.backends").joinpath("kernels", name).read_text() for name in SOURCES)


@cache
def compile_kernels(architecture: int) -> dict[str, Resources]:
    """Compile all kernels for sm_`architecture`: their resources by name.

    RuntimeError with the compiler's log if it refuses.
    """
    nvrtc, program = ctypes.CDLL(str(library())), ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source().encode(), b"kernels.cu", 0, None, None)
    options = [option.encode() for option in (f"-arch=sm_{architecture}", "--ptxas-options=-v", *OPTIONS)]
    failed = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    if hasattr(signal, "siginterrupt"):  # the compiler leaves SIGINT with SA_RESTART: Ctrl-C would no longer end a wait
        signal.siginterrupt(signal.SIGINT, True)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    if failed:
        raise RuntimeError(log.value.decode())
    return {match[1]: _resources(match) for match in REPORT.finditer(log.value.decode())}


def _resources(match: re.Match) -> Resources:
    shared = re.search(r"(\d+) bytes smem", match[6])
    return Resources(int(match[5]), int(match[2]), int(match[3]) + int(match[4]), int(shared[1]) if shared else 0)


if __name__ == "__main__":
    for architecture in ARCHITECTURES:
        for kernel, resources in sorted(compile_kernels(architecture).items()):
            print(f"sm_{architecture}  {kernel:<26}{resources}")
