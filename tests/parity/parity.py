#!/usr/bin/python3
"""Compares the engine's weights after N steps with PyTorch's, from the same start.

    parity.py            make ENGINE in the build folder HG_BUILD_DIR, then as below
    parity.py ENGINE     run every case of cases.txt on both; exit 1 on a difference
    parity.py --write    write vectors.txt anew from PyTorch

ENGINE is the program made from engine.c: a line of cases.txt on its input gives
the tensors on its output. Exit status 77 (skipped) where there is no PyTorch.
"""
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder may be read-only, and is kept clean
from network import DEFAULTS, compare, result, torch

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-4


def read_cases():
    with open(os.path.join(HERE, "cases.txt")) as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                yield line, dict(DEFAULTS, **dict(p.split("=", 1) for p in line.split("|")))


def engine_tensors(program, line):
    out = subprocess.run([program], input=line + "\n", capture_output=True, text=True)
    if out.returncode:
        sys.exit("parity: %s: %s%s" % (line, out.stdout, out.stderr))
    return [(row.split()[0], list(map(float, row.split()[1:]))) for row in out.stdout.splitlines()]


def write():
    with open(os.path.join(HERE, "vectors.txt"), "w") as file:
        file.write("# Written by parity.py --write: PyTorch's tensors after each case's steps.\n")
        for line, case in read_cases():
            if case["store"] == "yes":
                file.write("case %s\n" % line)
                for name, values in result(case):
                    file.write("%s %s\n" % (name, " ".join("%.7g" % v for v in values)))


def make_engine(folder):
    """Compiles engine.c against the library of the build folder."""
    build = os.environ.get("HG_BUILD_DIR")
    if not build:
        sys.exit(__doc__)
    compiler = shlex.split(os.environ.get("CC") or "cc")
    thing, program = os.path.join(folder, "engine.o"), os.path.join(folder, "engine")
    subprocess.run(compiler + ["-std=gnu11", "-O1", "-ffp-contract=off",
                               "-I" + os.path.join(HERE, "..", "..", "include"), "-c",
                               os.path.join(HERE, "engine.c"), "-o", thing], check=True)
    subprocess.run([os.path.join(build, "libtool"), "--quiet", "--tag=CC", "--mode=link"] +
                   compiler + [thing, "-o", program, os.path.join(build, "libhourglass.la"),
                               "-lm"], check=True)
    return program


def run(program):
    """Compares all cases (TESTS=quick: the small ones); the number that differ."""
    bad = 0
    for line, case in read_cases():
        if case["store"] == "no" and os.environ.get("TESTS") == "quick":
            continue
        worst, where = compare(result(case), engine_tensors(program, line))
        bad += not worst <= TOLERANCE
        print("%-4s %.1e %-24s %s" % ("ok" if worst <= TOLERANCE else "FAIL", worst, where, line))
    return bad


def main():
    torch.set_num_threads(1)
    if sys.argv[1:] == ["--write"]:
        write()
    elif len(sys.argv) == 2:
        sys.exit(run(sys.argv[1]) > 0)
    elif len(sys.argv) == 1:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(run(make_engine(folder)) > 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
