#!/usr/bin/env python3
"""View 2 on a real terminal line: the cursor answers keys and the mouse while training goes on,
within the budget; the modes of the mouse are given back."""
import re

from screen import QUICK, Program, check, main
from test_equal import same


def begin(program, paused=False):
    """Paused, nothing but the cursor moves."""
    check(program.sees("input"), "did not start", program)
    if paused:
        program.type(" ")
        check(program.sees("● pause"), "does not pause", program)
    program.type("2")
    check(program.sees("code plane", "decoded here", "nearest #"), "no view 2", program)


def cursor(program):
    """Row and column of the plus between its arrows; None = it is not there."""
    for row, line in enumerate(program.screen.text().splitlines()):
        at = line.find("▸+◂")
        if at >= 0:
            return row, at + 1
    return None


def stands(program, row, column):
    return program.until(lambda: cursor(program) == (row, column), 10)


def mouse(program, code, row, column, final="M"):
    program.type("\x1b[<%d;%d;%d%s" % (code, column + 1, row + 1, final))


def test_keys():
    with Program() as program:
        begin(program, True)
        check(program.until(lambda: cursor(program)), "no cursor", program)
        mouse(program, 0, 10, 20)
        mouse(program, 0, 10, 20, "m")
        check(stands(program, 10, 20), "a click does not move it", program)
        program.type("\x1b[C\x1b[C\x1b[A")
        check(stands(program, 9, 22), "arrows do not move it", program)
        program.type("]")
        check(program.sees("▸z1"), "no slider is chosen", program)
        program.type("\x1b")
        check(program.loses("▸z1"), "Esc does not go back", program)
        program.type("m")
        check(program.sees("A is #"), "m does not mark", program)
        program.type("\x1b[5~\x1b[5~\x1b[H\x1b[H")
        check(program.until(lambda: cursor(program) != (9, 22), 10), "pages do not move", program)
        program.type("\r+")
        check(program.sees("lr 0.00"), "+ is not the rate", program)
        for column in range(30, 40):  # more than one report at a time
            mouse(program, 0, 8, column)
            mouse(program, 0, 8, column, "m")
        check(stands(program, 8, 39), "a press is lost", program)
        program.type("\x1b[<0;2")
        program.pump(0.01)
        program.type("6;6M\x1b[<0;26;6m")  # in pieces
        check(stands(program, 5, 25), "half a report is lost", program)
        check(program.quit() == 0, "did not end well", program)
        check(program.restored() == "", program.restored(), program)


def test_drag():
    with Program() as program:
        begin(program, True)
        check(program.screen.modes.get(1002) is True, "drags are not asked for", program)
        mouse(program, 0, 10, 20)
        check(stands(program, 10, 20), "a click does not move it", program)
        for column in range(21, 31):
            mouse(program, 32, 12, column)
        check(stands(program, 12, 30), "a drag does not move it", program)
        mouse(program, 0, 12, 30, "m")
        mouse(program, 35, 5, 5)  # moved without a button
        program.pump(0.3)
        check(cursor(program) == (12, 30), "it follows without a button", program)
        program.type("\x1a")
        check(program.until(lambda: program.stopped == 1), "does not stop", program)
        check(program.restored() == "", program.restored(), program)
        program.foreground()
        check(program.until(lambda: program.screen.modes.get(1002)), "no drags again", program)
        program.kill(11)
        check(program.until(lambda: program.status is not None), "did not die", program)
        check(not program.screen.modes.get(1002), "drags are still reported", program)


def test_budget():
    with Program() as program:
        begin(program)
        program.pump(3.0)
        rate = program.rate(2.0 if QUICK else 5.0, 4096)
        print("     %.0f bytes/s" % rate)
        check(rate <= 4096, "%.0f bytes/s" % rate, program)


def test_walk():
    with Program() as program:
        begin(program)
        program.type("m")
        check(program.sees("A is #"), "m does not mark", program)
        for _ in range(4):
            program.type("z")
            program.pump(0.3)
        program.type("m")
        check(program.sees("B is #"), "m does not mark B", program)
        program.type("M")
        check(program.until(lambda: re.search(r"walk [1-9]\d* %", program.screen.text())),
              "M does not walk", program)
        check(program.loses("walk "), "the walk does not end", program)


def test_watching_changes_nothing():
    same(1500, ["2", "\x1b[C", "\x1b[B", "\r", "m", "z", "m", "M", "]", "\x1b[C", "[", "z", ".", "n",
                "\x1b[<0;21;11M", "\x1b[<0;21;11m", "m", "1", "2"])


if __name__ == "__main__":
    main(test_keys, test_drag, test_budget, test_walk, test_watching_changes_nothing)
