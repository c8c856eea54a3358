#!/usr/bin/env python3
"""View 6 with keys: a run started again as another experiment has the bytes of one begun so, its
file and its log give them again, and no file that holds another run is lost."""
import os
import re
import subprocess

from screen import PROGRAM, Folder, Program, check, main
from test_equal import compare
from test_travel import enter

PAGE_DOWN, DOWN, CLEAR = "\x1b[6~", "\x1bOB", "\x15"


def field(program, text, value):
    """Opens the chosen field and types."""
    program.type("\r")
    check(program.sees("Enter accept"), "opens no field", program)
    program.type(CLEAR + value + "\r")
    check(program.sees(text), "does not take %s" % value, program)


def save(program):
    program.type("w")
    check(program.sees("saved to"), "does not save", program)
    return re.search(r"saved to (\S+)", program.screen.text()).group(1)


def leave(program):
    program.type("q")
    check(program.ends() == 0, "exit status %s" % program.status, program)


def hourglass(folder, *args):
    run = subprocess.run([PROGRAM] + list(args), cwd=folder, capture_output=True, text=True)
    check(run.returncode == 0, " ".join(args) + ": " + run.stderr)


def to_model(program):
    program.type("6")
    check(program.sees("data.source"), "no form", program)
    program.type(PAGE_DOWN + PAGE_DOWN)
    check(program.sees("model.encoder"), "no section model", program)


def begin_again(program, says):
    program.type("r")
    check(program.sees(says), "does not ask", program)
    program.type("y")
    check(program.sees("as changed"), "does not start again", program)
    check(program.sees("finished"), "does not finish again", program)


def test_another_experiment():
    with Folder() as folder:
        with Program("--steps", "300", "-s", "data.limit=400", "--log", "a.jsonl",
                     folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            first = save(program)
            to_model(program)
            field(program, "was auto", "dense 30 relu, dense 9")
            program.type(DOWN)
            check(program.sees("model.code"), "does not move", program)
            field(program, "was 2", "3 gaussian")
            enter(program, "set data.source gaussians")
            check(program.sees("data.source"), "does not note the source", program)
            enter(program, "set train.optimizer rmsprop")
            check(program.sees("train.optimizer = rmsprop"), "is not set at once", program)
            begin_again(program, "with 3 changes?")
            with open(os.path.join(folder, first), "rb") as file:
                kept = file.read()
            second = save(program)
            check(first != second, "the old run's file is written over")
            with open(os.path.join(folder, first), "rb") as file:
                check(kept == file.read(), "the old run's file is another")
            program.type("W")
            check(program.sees(":write digits.ini"), "does not ask for a name", program)
            program.type("\r")
            check(program.sees("The experiment is in digits.ini"), "writes none", program)
            enter(program, "write digits.ini")
            check(program.sees("Replace it?"), "replaces it", program)
            program.type("n")
            check(program.loses("Replace it?"), "does not take no", program)
            leave(program)
        path = os.path.join(folder, second)
        hourglass(folder, "train", "-q", "--steps", "300", "-o", "b.safetensors", "digits.ini")
        compare(path, os.path.join(folder, "b.safetensors"))
        hourglass(folder, "replay", "-q", "a.jsonl", "-o", "c.safetensors")
        compare(path, os.path.join(folder, "c.safetensors"))


def test_refused_and_resumed():
    """What does not fit leaves the run alone; a run gone on from keeps its file."""
    with Folder() as folder:
        hourglass(folder, "train", "-q", "--steps", "100", "-s", "data.limit=400", "-o",
                  "a.safetensors")
        with open(os.path.join(folder, "a.safetensors"), "rb") as file:
            kept = file.read()
        with Program("--steps", "100", "a.safetensors", rows=40, columns=120,
                     folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            enter(program, "set data.source /nowhere/at/all.csv")
            check(program.sees("data.source"), "does not note the source", program)
            program.type("r")
            check(program.sees("with 1 change?"), "does not ask", program)
            program.type("y")
            check(program.sees("all.csv"), "does not say what is wrong", program)
            check(program.sees("finished"), "the run is lost", program)
            to_model(program)
            enter(program, "set data.source builtin:digits")
            enter(program, "set model.code 5")
            check(program.sees("model.code"), "does not note the code", program)
            begin_again(program, "with 1 change?")
            name = save(program)
            check(name != "a.safetensors", "the run gone on from is written over")
            enter(program, "set model.code 6")
            begin_again(program, "with 1 change?")
            program.type("q")
            check(program.sees("Quit?"), "does not ask", program)
            program.type("y")
            check(program.ends() == 0, "exit status %s" % program.status, program)
            check(name not in program.last_line(), "says that it holds the run: %s"
                  % program.last_line(), program)
        with open(os.path.join(folder, "a.safetensors"), "rb") as file:
            check(kept == file.read(), "the file gone on from is another")
        check(os.path.exists(os.path.join(folder, name)), "no file %s" % name)


if __name__ == "__main__":
    main(test_another_experiment, test_refused_and_resumed)
