#!/usr/bin/env python3
"""View 4 on a real terminal line: pages and layers come when asked for, within the budget."""
from screen import QUICK, Program, check, main


def turn(program, keys, *words):
    program.type(keys)
    check(program.sees(*words), "%r: no %s" % (keys, words), program)


def walk(program):
    check(program.sees("input"), "did not start", program)
    turn(program, "4", "weights of encoder.0", "page 1 of ")
    turn(program, "\x1b[6~", "page 2 of ")
    turn(program, "]", "encoder.0", 'sample #0')
    turn(program, "n", "sample #1")
    turn(program, ">>", "encoder.2")
    turn(program, "[", "encoder.1")
    turn(program, "\t", "output")
    turn(program, "4", "encoder.1")


def test_running():
    with Program() as program:
        walk(program)
        program.pump(2.0)
        rate = program.rate(2.0 if QUICK else 4.0, 4096)
        print("     %.0f bytes/s" % rate)
        check(rate <= 4096, "%.0f bytes/s" % rate, program)


def test_paused():
    with Program("-s", "model.encoder=conv 6 lrelu, pool 2", "-s", "model.code=2") as program:
        check(program.sees("input"), "did not start", program)
        program.type(" ")
        check(program.sees("● pause"), "does not pause", program)
        turn(program, "4", "kernels of encoder.0 conv 6")
        turn(program, "]", "6 maps 28×28")
        turn(program, "]]", "6 maps 14×14")


if __name__ == "__main__":
    main(test_running, test_paused)
