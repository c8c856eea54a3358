#!/usr/bin/env python3
"""A run that another process holds: take over, view or quit."""
import os
import re
import subprocess

from screen import PROGRAM, Folder, Program, check, main

RUN = "h.safetensors"
SOURCE = ("-s", "data.source=gaussians")
STEPS = 5


def step(folder):
    run = subprocess.run([PROGRAM, "info", folder + "/" + RUN], capture_output=True, text=True)
    found = re.search("^step +([0-9]+)$", run.stdout, re.M)
    return int(found.group(1)) if found else None


def holder(folder):
    """An interface that holds the run, saved after its last step."""
    program = Program("-o", RUN, "--steps", str(STEPS), *SOURCE, folder=folder, rows=40,
                      columns=120)
    check(program.sees("finished"), "no end", program)
    save(program, folder, STEPS)
    return program


def save(program, folder, number):
    program.type("w")
    check(program.until(lambda: step(folder) == number), "is not saved", program)


def one_more(program, number):
    program.type("s")
    check(program.until(lambda: shows(program, number)), "makes no step", program)


def shows(program, number):
    return re.search(r"\bstep +%d\b" % number, program.screen.text())


def asked(folder, *args, **size):
    program = Program(*args, folder=folder, **size)
    check(program.sees("process", "is training this run", "t, v or q"), "does not ask", program)
    return program


def content(folder):
    with open(folder + "/" + RUN, "rb") as file:
        return file.read()


def test_quit():
    with Folder() as folder, holder(folder) as first:
        for answer in ("q\r", "nonsense\rquit\r", "\x04"):
            with asked(folder, RUN) as second:
                second.type(answer)
                check(second.ends() == 0, "exit status %s" % second.status, second)
                check(second.restored() == "", second.restored(), second)
        check(first.status is None, "the holder has ended", first)
        # Nobody to ask: refused.
        run = subprocess.run([PROGRAM, RUN], cwd=folder, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True)
        check(run.returncode == 1 and "end it first" in run.stderr, "not refused: " + run.stderr)


def test_take_over():
    """The holder saves and ends, and the second goes on at that very step."""
    for args in ((RUN,), ("-o", RUN, *SOURCE)):
        with Folder() as folder, holder(folder) as first:
            one_more(first, STEPS + 1)  # which is not saved yet
            with asked(folder, *args, "--steps", str(STEPS + 2)) as second:
                second.type("t")
                check(first.ends() == 143, "the holder: status %s" % first.status, first)
                check(step(folder) == STEPS + 1, "the holder has not saved")
                check(second.sees("finished"), "does not go on", second)
                second.type("w")
                check(second.until(lambda: step(folder) == STEPS + 2), "another step", second)
                # It is the one that holds it now.
                with asked(folder, RUN) as third:
                    third.type("q\r")
                    check(third.ends() == 0, "exit status", third)
                second.type("q")
                check(second.ends() == 0, "exit status %s" % second.status, second)


def test_take_unsaved():
    """A run of which there is no file yet."""
    with Folder() as folder, Program("-o", RUN, "--steps", str(STEPS), *SOURCE, folder=folder) as first:
        check(first.sees("finished"), "no end", first)
        with asked(folder, RUN, "--steps", str(STEPS)) as second:
            second.type("t\r")
            check(first.ends() == 143, "the holder: status %s" % first.status, first)
            check(second.sees("finished"), "does not go on", second)
            check(step(folder) == STEPS, "the holder has not saved")
            second.type("q")
            check(second.ends() == 0, "exit status %s" % second.status, second)


def test_view():
    with Folder() as folder, holder(folder) as first:
        before = content(folder)
        with asked(folder, RUN, rows=40, columns=120) as second:
            second.type("v\r")
            check(second.sees("viewed", "read again at each save"), "is not viewed", second)
            check("space run" not in second.screen.text(), "offers to train", second)
            check(second.until(lambda: shows(second, STEPS)), "another step", second)
            for keys in (" ", "s", "+", "w", ":set train.batch 7\r"):
                second.type("\x0c" + keys)
                check(second.sees("only looked at."), "%r is not refused" % keys, second)
                second.type("\x1b")
                check(second.loses("only looked at."), "stays", second)
            second.type(":open %s\r" % RUN)
            check(second.sees("is training that run"), "is opened for training", second)
            check(content(folder) == before, "the file is another")
            check(os.listdir(folder).count("h-2.safetensors") == 0, "another file")
            one_more(first, STEPS + 1)
            save(first, folder, STEPS + 1)
            check(second.until(lambda: shows(second, STEPS + 1)), "is not read again", second)
            check(second.sees("viewed"), "is not viewed any more", second)
            first.type("q")
            check(first.ends() == 0, "the holder: status %s" % first.status, first)
            second.type("q")
            check(second.ends() == 0, "exit status %s" % second.status, second)
            check(second.restored() == "", second.restored(), second)
            check("--resume " + RUN in second.words(), "last line", second)
        check(step(folder) == STEPS + 1, "the viewer has trained")


if __name__ == "__main__":
    main(test_quit, test_take_over, test_take_unsaved, test_view)
