#!/usr/bin/env python3
"""Storms: sizes and keys at random while it trains. Nothing crashes, nothing is left behind."""
import os
import random
import re

from screen import HERE, QUICK, Folder, Program, check, main

SIZES, SECONDS = (20, 1.0) if QUICK else (60, 3.0)
NAMED = {"space": " ", "Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D",
         "Tab": "\t", "S-Tab": "\x1b[Z", "Enter": "\r", "Esc": "\x1b", "F1": "\x1bOP",
         "F10": "\x1b[21~", "C-c": "\x03", "C-z": "\x1a", "C-l": "\x0c"}


def still(program):
    """What does not change while paused: all but the sentence, where notes come and go."""
    rows = program.screen.text().split("\n")
    return "\n".join(rows[:-2] + rows[-1:])


def test_sizes():
    random.seed(2)
    with Folder() as folder, Program("-s", "train.save_every=20 steps", "-s", "screen.budget=0",
                                     "-o", "run.safetensors", folder=folder) as program:
        check(program.sees("input"), "did not start", program)
        for _ in range(SIZES):
            rows, columns = random.choice(((1, 1), (random.randint(1, 80), random.randint(1, 220)),
                                           (random.randint(2, 30), random.randint(2, 100))))
            program.size(rows, columns)
            program.pump(random.choice((0, 0.01, 0.05)))
            check(program.status is None, "ended with %s at %dx%d" % (program.status, columns, rows))
        program.size(24, 80)
        check(program.sees("input", "hourglass"), "no screen after the storm", program)
        program.type(" ")
        check(program.sees("space run"), "does not pause", program)
        check(program.silent(), "still sending when paused", program)
        before = still(program)
        program.screen.clear_to(24, 80)
        program.type("\x0c")
        check(program.until(lambda: program.screen.text().strip() != ""), "not drawn anew", program)
        check(program.silent(), "still sending when drawn anew", program)
        after = still(program)
        check(before == after, "garbage was left:\n%s\nand drawn anew:\n%s" % (before, after))
        check(not program.screen.unknown, "unknown sequences %s" % program.screen.unknown)
        check(program.quit() == 0, "exit status %s" % program.status, program)
        check(program.restored() == "", program.restored(), program)


def action_keys():
    """Every key of the program's own table."""
    with open(os.path.join(HERE, "..", "..", "src", "tui", "action.c")) as file:
        table = file.read()
    rows = re.findall(r'\{UI_ACT_\w+,\s*UI_GROUP_\w+,\s*"[^"]*",\s*"([^"]*)"', table)
    return [NAMED.get(name, name) for row in rows for name in row.split()]


def test_keys():
    keys = [key for key in action_keys() if key not in ("\x03", "\x1a")]
    check(len(keys) > 40, "only %d keys in the table" % len(keys))
    seed = int(os.environ.get("HG_SEED", "7"))
    random.seed(seed)
    random.shuffle(keys)
    pressed = []
    with Program() as program:
        check(program.sees("input"), "did not start", program)
        for key in keys:
            program.type(key)
            pressed.append(key)
            program.pump(SECONDS / len(keys))
            if key == "\x1b":
                program.pump(0.06)
            if program.status is None and "Quit?" in program.screen.text():
                program.type("\x1b")
                program.pump(0.06)
            check(program.status is None,
                  "ended with %s after %r (seed %d)" % (program.status, pressed, seed), program)
        # Whatever is open: a key that comes too soon after Esc belongs to it, so again.
        for _ in range(10):
            for key in "\x1b\x1bq":
                program.type(key)
                program.pump(0.1)
            if program.until(lambda: "Quit?" in program.screen.text(), seconds=10):
                program.type("y")
            if program.status is not None:
                break
        check(program.ends() == 0, "exit status %s (seed %d)" % (program.status, seed), program)
        check(program.restored() == "", program.restored(), program)


if __name__ == "__main__":
    main(test_sizes, test_keys)
