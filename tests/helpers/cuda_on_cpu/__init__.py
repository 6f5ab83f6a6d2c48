"""CUDA kernels on a machine without a GPU: emulator.h runs their text on the CPU, standin.py stands in for CuPy
around it.
"""
