"""Training of the built-in model.

Memory that is freed stays with the process: glibc would give every large block back and have the system clear it anew, time after time, which on a
virtual machine that trains here took two thirds of the time in which long stories are encoded.
"""
import ctypes
import sys

if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
    M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h
    ctypes.CDLL(None).mallopt(M_MMAP_MAX, 0)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, -1)
