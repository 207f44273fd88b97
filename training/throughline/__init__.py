"""Training of the built-in model.

Memory that is freed stays with the process: glibc would give every large block back and have the system clear it anew, step after step, which on the
virtual machines that train here takes up to two thirds of the time.
"""
import ctypes
import sys

if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt"):
    M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h
    ctypes.CDLL(None).mallopt(M_MMAP_MAX, 0)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, -1)
