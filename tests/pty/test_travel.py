#!/usr/bin/env python3
"""Back in the run's history with keys, and on again: the same bytes as a run that never left."""
import json
import os
import subprocess

from screen import PROGRAM, Folder, Program, check, main
from test_equal import compare, without


def enter(program, line):
    program.type(":")
    check(program.sees("Tab complete"), "no line for commands", program)
    program.type(line + "\r")


def save_and_leave(program):
    program.type("w")
    check(program.sees("saved to"), "does not save", program)
    program.type("q")
    check(program.ends() == 0, "exit status %s" % program.status, program)


def changes(path):
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    return [(e["step"], e["key"], e["from"], e["to"]) for e in events if e["event"] == "change"]


def test_back_a_thousand():
    with Folder() as folder:
        log = os.path.join(folder, "a.jsonl")
        with Program("--steps", "1500", "-o", "a.safetensors", "--log", log,
                     folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            enter(program, "back 1000")
            check(program.sees("Step 500 of 1500"), "does not go back", program)
            check("back at step 500 of" in program.screen.text(), "no place on the chart", program)
            check("● paus" in program.screen.text(), "does not pause", program)
            check(changes(log) == [], "logged before training goes on: %s" % changes(log))
            program.type("u")
            check(program.loses("back at step 500 of"), "u does nothing", program)
            for _ in range(130):  # no more states are kept
                program.type("U")
                program.pump(0.1)
                if "finished" in program.screen.text():
                    break
            check(program.sees("finished"), "U does not come to the end", program)
            enter(program, "back 1000")
            check(program.sees("Step 500 of 1500"), "does not go back again", program)
            program.type(" ")
            check(program.sees("finished"), "does not finish again", program)
            save_and_leave(program)
        without(folder, 1500)
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))
        check(changes(log) == [(1500, "back", "1500", "500")], "log: %s" % changes(log))


def test_replay():
    """Live changes of rate, optimizer and batch, back, on, back again: the log has it all."""
    with Folder() as folder:
        log = os.path.join(folder, "a.jsonl")
        with Program("--steps", "900", "-o", "a.safetensors", "--log", log, "-s",
                     "data.limit=300", folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            enter(program, "set train.lr 0.004")
            enter(program, "back 500")
            check(program.sees("Step 400 of 900"), "does not go back", program)
            for key in ("o", "b", "+", "+"):
                program.type(key)
                program.pump(0.2)
            check(program.until(lambda: len(changes(log)) == 6), "changes: %s" % changes(log))
            program.type(" ")
            check(program.sees("finished"), "does not finish again", program)
            enter(program, "back 100")
            check(program.sees("Step 800 of 900"), "does not go back again", program)
            program.type("+ ")
            check(program.sees("finished"), "does not finish at last", program)
            save_and_leave(program)
        keys = [change[1] for change in changes(log)]
        check(keys.count("back") == 2 and "train.optimizer" in keys, "log: %s" % keys)
        run = subprocess.run([PROGRAM, "replay", log, "-o", folder + "/b.safetensors"],
                             capture_output=True, text=True)
        check(run.returncode == 0, "replay: " + run.stderr)
        check("as the log says" in run.stderr, "replay: " + run.stderr)
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))


def test_refusals():
    with Folder() as folder:
        with Program("--steps", "30", "-o", "a.safetensors", folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            program.type("U")
            check(program.sees("nothing lies ahead"), "goes forward to nowhere", program)
            enter(program, "back 31")
            check(program.sees("where the run began"), "goes back before the start", program)
            save_and_leave(program)
        with Program("a.safetensors", "--steps", "60", folder=folder) as program:
            check(program.sees("finished"), "does not go on", program)
            enter(program, "back 31")
            check(program.sees("was taken up here, at step 30"), "a past not kept", program)
            enter(program, "back 30")
            check(program.sees("Step 30 of 60"), "not back to where it was taken up", program)


def test_little_memory():
    with Folder() as folder:
        with Program("--steps", "30", "--max-memory", "9M", "-s", "data.limit=50",
                     folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            program.type("u")
            check(program.sees("no states are kept"), "does not say why", program)


if __name__ == "__main__":
    main(test_back_a_thousand, test_replay, test_refusals, test_little_memory)
