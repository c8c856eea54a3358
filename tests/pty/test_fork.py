#!/usr/bin/env python3
"""A race with keys: each of the two runs is what it would be alone; the slider below the chart."""
import json
import os
import subprocess

from screen import PROGRAM, Folder, Program, check, main
from test_equal import compare, without


def fork(program, change):
    program.type("F")
    check(program.sees("Race this run"), "F does not ask", program)
    program.type(change + "\r")
    check(program.sees("You look at the copy"), "no race", program)


def steps(program, count):
    program.type("S")
    check(program.sees("How many steps?"), "S does not ask", program)
    program.type("\x15%d\r" % count)


def keep(program, name):
    program.type("k")
    check(program.sees("Keep the %s" % name), "k does not ask", program)
    program.type("y")
    check(program.sees("is kept"), "nothing is kept", program)


def save_and_leave(program):
    program.type("w")
    check(program.sees("saved to"), "does not save", program)
    program.type("q")
    check(program.ends() == 0, "exit status %s" % program.status, program)


def changes(path):
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    return [(e["step"], e["key"], e["from"], e["to"]) for e in events if e["event"] == "change"]


def replay(folder, log):
    result = subprocess.run([PROGRAM, "replay", log, "-o", "again.safetensors"], cwd=folder,
                            capture_output=True, text=True, check=False)
    check(result.returncode == 0, "replay: %s" % result.stderr)
    compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "again.safetensors"))


def run(folder, keys):
    """Paused at step 0, 300 steps, a race of 400, and what `keys` does; saved. Gives the log."""
    log = os.path.join(folder, "a.jsonl")
    with Program("--steps", "700", "-o", "a.safetensors", "--log", log, "-s", "data.limit=300",
                 folder=folder) as program:
        check(program.sees("finished"), "does not finish", program)
        program.type(":back 400\r")
        check(program.sees("Step 300 of 700"), "does not go back", program)
        fork(program, "lr=0.01")
        program.type(" ")
        check(program.sees("finished"), "does not finish again", program)
        keys(program)
        save_and_leave(program)
    return log


def test_run_kept():
    def keys(program):
        program.type("v")
        check(program.sees("You look at the run as it was"), "v does not swap", program)
        check(program.sees("lr 0.001"), "not the run", program)
        keep(program, "run as it was")

    with Folder() as folder:
        log = run(folder, keys)
        without(folder, 700, "-s", "data.limit=300")
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))
        replay(folder, log)
        check([c[1] for c in changes(log)] == ["fork", "back"], "%s" % changes(log))


def test_copy_kept():
    def keys(program):
        check("leads" in program.screen.text(), "nobody leads", program)
        keep(program, "copy with train.lr = 0.01")

    with Folder() as folder:
        log = run(folder, keys)
        replay(folder, log)
        check([c[1:] for c in changes(log)] == [
            ("fork", "", "train.lr = 0.01"), ("back", "700", "300"), ("keep", "700", "300"),
            ("train.lr", "0.001", "0.01")], "%s" % changes(log))


def test_quit_racing():
    """Quitting asks, and keeps what is shown: w saves it under its own name, with its log."""
    with Folder() as folder:
        log = os.path.join(folder, "a.jsonl")
        with Program("--steps", "200", "-o", "a.safetensors", "--log", log, "-s",
                     "data.limit=300", folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            fork(program, "")
            program.type("q")
            check(program.sees("saves the run shown (the copy)"), "does not ask", program)
            program.type("w")
            check(program.ends() == 0, "exit status %s" % program.status, program)
        names = [name for name in os.listdir(folder)
                 if name.endswith(".safetensors") and name != "a.safetensors"]
        check(len(names) == 1, "files: %s" % os.listdir(folder))


def test_slider():
    with Folder() as folder:
        with Program("--steps", "900", "-s", "data.limit=300", folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            check(program.sees("u back  U on"), "no slider", program)
            check(program.silent(0.5), "still drawing", program)  # of the last step, all of it
            lines = program.screen.text().split("\n")
            row = next(i for i, line in enumerate(lines) if "u back  U on" in line)
            last = lines[row].index("▲")
            check(lines[row][0] == "┴", "the first state is not there: %s" % lines[row])
            program.type("\x1b[<0;1;%dM" % (row + 1))
            check(program.sees("back at step"), "a click does nothing", program)
            program.type("\x1b[<32;%d;%dM" % (last + 1, row + 1))
            program.type("\x1b[<0;%d;%dm" % (last + 1, row + 1))
            check(program.loses("back at step"), "a drag does nothing", program)
            program.type("qy")
            check(program.ends() == 0, "exit status %s" % program.status, program)


if __name__ == "__main__":
    main(test_run_kept, test_copy_kept, test_quit_racing, test_slider)
