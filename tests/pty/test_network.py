#!/usr/bin/env python3
"""View 3 on a real terminal line: a weight is read and changed, the log replays it to the byte;
looking changes nothing, and stays within the budget of bytes."""
import os
import subprocess

from screen import PROGRAM, QUICK, Folder, Program, check, main
from test_equal import compare, with_screen, without
from test_travel import changes, enter, save_and_leave

DOWN, RIGHT, LEFT, UP = "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[A"


def change(program, row, value):
    """Changes parameter `row` of the unit whose list is open and at its top."""
    program.type(DOWN * row + "\r")
    check(program.sees("Enter set"), "no field", program)
    program.type("\x15nonsense\r")
    check(program.sees("'nonsense' is no number"), "nonsense is taken", program)
    program.type("\x15" + value + "\r")
    check(program.sees("y or Enter: yes"), "does not ask", program)
    program.type("y")
    check(program.sees("= " + value), "not changed", program)


def test_change():
    with Folder() as folder:
        log = os.path.join(folder, "a.jsonl")
        with Program("--steps", "900", "-o", "a.safetensors", "--log", log, "-s",
                     "data.limit=300", folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            enter(program, "back 400")
            check(program.sees("Step 500 of 900"), "does not go back", program)
            program.type("3" + RIGHT + RIGHT)
            check(program.sees("network", "code", "strongest in", "encoder.4"), "no network",
                  program)
            program.type("\r")
            check(program.sees("into unit"), "no list", program)
            change(program, 1, "0.5")
            program.escape("strongest in")
            program.type(" ")
            check(program.sees("finished"), "does not finish again", program)
            save_and_leave(program)
        keys = [line for line in changes(log) if line[1].startswith("encoder.4.weight[")]
        check(len(keys) == 1 and keys[0][0] == 500 and keys[0][3] == "0.5", "log: %s" % keys)
        run = subprocess.run([PROGRAM, "replay", log, "-o", folder + "/b.safetensors"],
                             capture_output=True, text=True)
        check(run.returncode == 0, "replay: " + run.stderr)
        check("as the log says" in run.stderr, "replay: " + run.stderr)
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))


def test_looking():
    with Folder() as folder:
        with_screen(folder, 700, ["3", RIGHT, DOWN, "\r", DOWN, "\x1b", LEFT, "n", RIGHT, UP])
        without(folder, 700)
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))


def test_bytes():
    with Program() as program:
        check(program.sees("input"), "did not start", program)
        program.type("3")
        check(program.sees("network", "strongest in"), "no network", program)
        program.pump(2.0)
        rate = program.rate(2.0 if QUICK else 4.0, 4096)
        print("     %.0f bytes/s" % rate)
        check(rate <= 4096, "%.0f bytes/s" % rate, program)


if __name__ == "__main__":
    main(test_change, test_looking, test_bytes)
