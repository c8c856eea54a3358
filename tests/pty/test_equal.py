#!/usr/bin/env python3
"""N steps with a screen and without give the same run file, byte for byte."""
import json
import os
import struct
import subprocess

from screen import PROGRAM, Folder, Program, check, main


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    found = {name: (entry["dtype"], tuple(entry["shape"]), body[slice(*entry["data_offsets"])])
             for name, entry in header.items() if name != "__metadata__"}
    return found, header["__metadata__"]


def compare(one, two):
    (a, about_a), (b, about_b) = tensors(one), tensors(two)
    check(sorted(a) == sorted(b), "other tensors: %s" % (set(a) ^ set(b)))
    check(len(a) > 10, "only %s" % sorted(a))
    different = [name for name in a if not name.startswith("integrity.") and a[name] != b[name]]
    check(not different, "these differ: %s" % different)
    return about_a, about_b


def with_screen(folder, steps, keys, *more):
    with Program("--steps", str(steps), "-o", "a.safetensors", *more, folder=folder) as program:
        check(program.sees("input"), "did not start", program)
        for key in keys:
            program.type(key)
            check(key != "?" or program.sees("Help"), "? is not answered", program)
            if key == "\x1b":  # what follows too soon would belong to it
                check(program.loses("Help"), "Esc is not answered", program)
            program.pump(0.06)
        check(program.sees("finished"), "does not finish", program)
        program.type("q")
        if program.until(lambda: "Quit?" in program.screen.text()):
            program.type("w")
        check(program.ends() == 0, "exit status %s" % program.status, program)


def without(folder, steps, *more):
    run = subprocess.run([PROGRAM, "train", "-q", "--steps", str(steps), "-o",
                          folder + "/b.safetensors"] + list(more), capture_output=True, text=True)
    check(run.returncode == 0, "train: " + run.stderr)


def same(steps, keys, *more):
    with Folder() as folder:
        with_screen(folder, steps, keys, *more)
        without(folder, steps, *more)
        about = compare(os.path.join(folder, "a.safetensors"),
                        os.path.join(folder, "b.safetensors"))
        check(about[0] == about[1], "other metadata:\n%s\n%s" % about)


def test_fifty_steps():
    same(50, "")


def test_no_step():
    """0 is an end, not the lack of one: also after r, until space goes on."""
    with Folder() as folder:
        with Program("--steps", "0", "-s", "data.limit=200", "-o", "a.safetensors",
                     rows=40, columns=120, folder=folder) as program:
            check(program.sees("finished"), "does not finish", program)
            check(program.sees("0 of 0"), "does not show its end", program)
            program.type("w")
            check(program.sees("saved to"), "does not save", program)
            program.type("r")
            check(program.sees("Start again"), "r does not ask", program)
            program.type("y")
            check(program.sees("started again"), "does not start again", program)
            check(program.sees("finished"), "does not finish again", program)
            program.type(" ")
            check(program.loses("finished"), "space does not go on", program)
            program.type("q")
            check(program.sees("Quit?"), "q does not ask", program)
            program.type("y")
            check(program.ends() == 0, "exit status %s" % program.status, program)
        without(folder, 0, "-s", "data.limit=200")
        compare(os.path.join(folder, "a.safetensors"), os.path.join(folder, "b.safetensors"))


def test_looking_changes_nothing():
    same(1500, " npnn?\x1blLac1ssn npn")


def test_threads():
    same(50, "n", "--threads", "2")


if __name__ == "__main__":
    main(test_fifty_steps, test_no_step, test_looking_changes_nothing, test_threads)
