#!/usr/bin/env python3
"""Start and end: first picture, quitting, saving, and terminals that will not do."""
import os
import subprocess

from screen import PROGRAM, Folder, Program, check, main


def info(path):
    run = subprocess.run([PROGRAM, "info", path], capture_output=True, text=True)
    return run.returncode, run.stdout


def left_well(program, status):
    check(program.ends() == status, "exit status %s, not %s" % (program.status, status), program)
    check(program.restored() == "", program.restored(), program)


def test_first_picture():
    with Program() as program:
        check(program.sees("hourglass", "input", "quits"), "no first picture", program)
        check(program.screen.alternate, "not on the alternate screen", program)
        check(not program.screen.unknown, "unknown sequences %s" % program.screen.unknown)


def test_quit_asks_when_unsaved():
    with Program() as program:
        check(program.trains(), "does not train", program)
        program.type("q")
        check(program.sees("Quit?"), "does not ask", program)
        check(program.escape("Quit?"), "Esc stays", program)
        program.type("q")
        program.sees("Quit?")
        program.type("y")
        left_well(program, 0)
        check("hourglass: the run was not saved" in program.words(), "last line", program)


def test_quit_saves():
    with Folder() as folder, Program(folder=folder) as program:
        program.sees("input")
        program.type("q")
        program.sees("Quit?")
        program.type("w")
        left_well(program, 0)
        words = program.words()
        check("digits.safetensors holds the run; hourglass --resume digits.safetensors" in words,
              "the last line does not name the file", program)
        status, text = info(folder + "/digits.safetensors")
        check(status == 0 and "step" in text, "info does not read what was saved")


def test_write_then_quit():
    with Folder() as folder, Program("--steps", "5", folder=folder) as program:
        check(program.sees("finished"), "no end", program)
        program.type("w")
        path = folder + "/digits.safetensors"
        check(program.until(lambda: os.path.exists(path)), "w wrote nothing", program)
        check(program.sees("saved to digits.safetensors"), "w does not say what it wrote", program)
        check(info(path)[0] == 0, "info does not read the run file")
        program.type("q")
        left_well(program, 0)
        check("hourglass --resume digits.safetensors" in program.words(), "last line", program)


def test_command_line():
    with Folder() as folder, Program("--steps", "5", folder=folder) as program:
        check(program.sees("finished"), "no end", program)
        program.type(":write one.safetensors\r")
        path = folder + "/one.safetensors"
        check(program.until(lambda: os.path.exists(path)), ":write wrote nothing", program)
        check(program.sees("saved to one.safetensors"), ":write does not say so", program)
        program.type(":quit\r")
        left_well(program, 0)


def test_open_finds_moved_data():
    with Folder() as folder:
        os.mkdir(folder + "/there")
        with open(folder + "/there/four.csv", "w") as file:
            file.write("a,b,c\n1,2,0\n3,4,1\n6,5,2\n7,1,0\n")
        run = subprocess.run([PROGRAM, "train", "-q", "there/four.csv", "--steps", "2"],
                             cwd=folder, capture_output=True, text=True)
        check(run.returncode == 0, "train: " + run.stderr)
        with Program("--steps", "5", folder=folder) as program:
            check(program.sees("finished"), "no end", program)
            os.rename(folder + "/there/four.csv", folder + "/there/away.csv")
            program.type(":open! four.safetensors\r")
            check(program.sees("four.csv: No such file"), "does not say what is missing", program)
            os.rename(folder + "/there/away.csv", folder + "/four.csv")
            program.type(":open! four.safetensors\r")
            check(program.sees("hourglass  four"), "not found beside the run", program)


def test_no_such_file():
    with Program("none.csv") as program:
        left_well(program, 1)
        check("hourglass: none.csv" in program.words(), "does not say what is wrong", program)
        check(b"\x1b[?1049h" not in program.raw, "a screen came up first", program)


def test_refused_terminals():
    for term in (None, "", "dumb", "unknown", "no-such-terminal"):
        with Program(TERM=term) as program:
            left_well(program, 2)
            check("hourglass train" in program.words(), "TERM=%s: no advice" % term, program)
            check(b"\x1b" not in program.raw, "TERM=%s: control sequences" % term, program)
    run = subprocess.run([PROGRAM], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check(run.returncode == 2 and "hourglass train" in run.stderr and run.stdout == "",
          "no terminal: %d %s" % (run.returncode, run.stderr))


if __name__ == "__main__":
    main(test_first_picture, test_quit_asks_when_unsaved, test_quit_saves, test_write_then_quit,
         test_command_line, test_open_finds_moved_data, test_no_such_file, test_refused_terminals)
