#!/usr/bin/env python3
"""Signals: what they end is kept, and the terminal is as it was."""
import glob
import os
import signal
import subprocess

from screen import PROGRAM, Folder, Program, check, main


def kept(folder):
    return sorted(glob.glob(folder + "/state/hourglass/*.safetensors"))


def started(**more):
    program = Program(**more)
    check(program.sees("input", "space"), "did not start", program)
    return program


def ended(program, status):
    check(program.ends() == status, "exit status %s, not %s" % (program.status, status), program)
    check(program.restored() == "", program.restored(), program)


def readable(path):
    run = subprocess.run([PROGRAM, "info", path], capture_output=True)
    check(run.returncode == 0, "info does not read " + path)


def test_interrupt_twice():
    with Folder() as folder, started(folder=folder) as program:
        program.type("\x03")
        check(program.sees("Quit?"), "Ctrl-C does not ask", program)
        program.type("\x03")
        ended(program, 130)
        check(len(kept(folder)) == 1, "not kept: %s" % kept(folder), program)
        readable(kept(folder)[0])
        check("hourglass --recover" in program.words(), "last line", program)


def test_terminate_and_recover():
    with Folder() as folder:
        with started(folder=folder) as program:
            program.pump(0.3)
            program.kill(signal.SIGTERM)
            ended(program, 143)
            check(len(kept(folder)) == 1, "not kept: %s" % kept(folder), program)
            check("hourglass --recover" in program.words(), "last line", program)
        with Program(folder=folder) as program:
            check(program.sees(":recover"), "the next start does not say so", program)
            program.type(":recover\r")
            check(program.sees("step"), "recover", program)
        with Program("--recover", folder=folder) as program:
            check(program.sees("hourglass", "digits", "input"), "--recover", program)
            check(not program.sees(":recover", seconds=0.3), "said twice", program)
            program.type("q")
            program.sees("Quit?")
            program.type("w")
            ended(program, 0)
            check("digits.safetensors holds the run" in program.words(), "name", program)
            check(os.path.exists(folder + "/digits.safetensors"), "not saved by a name")


def test_newest_five_are_kept():
    with Folder() as folder:
        os.makedirs(folder + "/state/hourglass")
        for i in range(7):
            path = folder + "/state/hourglass/old-%d.safetensors" % i
            open(path, "w").close()
            os.utime(path, (1e9 + i, 1e9 + i))
        with started(folder=folder) as program:
            program.kill(signal.SIGTERM)
            ended(program, 143)
        names = [os.path.basename(path) for path in kept(folder)]
        check(len(names) == 5 and names[1:] == ["old-%d.safetensors" % i for i in (3, 4, 5, 6)],
              "kept: %s" % names)


def test_named_run_is_saved_by_name():
    with Folder() as folder, started(folder=folder) as program:
        program.type("w")
        path = folder + "/digits.safetensors"
        check(program.sees("saved to digits.safetensors"), "w does not say so", program)
        check(os.path.exists(path), "w wrote nothing", program)
        program.kill(signal.SIGTERM)
        ended(program, 143)
        readable(path)
        check(kept(folder) == [], "kept twice", program)
        check("--resume digits.safetensors" in program.words(), "last line", program)


def test_hang_up():
    for sent in (True, False):
        with Folder() as folder, started(folder=folder) as program:
            program.kill(signal.SIGHUP) if sent else program.hang_up()
            check(program.ends() == 129, "exit status %s, not 129" % program.status)
            check(len(kept(folder)) == 1, "not kept: %s" % kept(folder))
            readable(kept(folder)[0])


def test_detached():
    with Folder() as folder, Folder() as other, \
            Program("--detach", "--steps", "300", "-o", other + "/run.safetensors",
                    folder=folder) as program:
        program.sees("input")
        program.hang_up()
        check(program.ends() == 0, "exit status %s, not 0" % program.status)
        text = subprocess.run([PROGRAM, "info", other + "/run.safetensors"],
                              capture_output=True, text=True).stdout
        check("\nstep " in text and " 300\n" in text, "not finished:\n" + text)


def test_crash():
    for number in (signal.SIGSEGV, signal.SIGABRT):
        with started() as program:
            program.kill(number)
            ended(program, -number)


def test_stop_and_continue():
    for how in ("key", "signal"):
        with started() as program:
            program.type("\x1a") if how == "key" else program.kill(signal.SIGTSTP)
            check(program.until(lambda: program.stopped == 1), how + " does not stop", program)
            program.pump(0.1)
            check(program.restored() == "", how + ": " + program.restored(), program)
            program.foreground()
            check(program.sees("input", "hourglass"), how + ": no screen after fg", program)
            check(program.screen.alternate, how + ": not the alternate screen", program)
            program.type("?")
            check(program.sees("Help"), how + ": keys are not heard after fg", program)
            program.type("?qy")
            ended(program, 0)


def test_stopped_from_outside():
    with started() as program:
        program.kill(signal.SIGSTOP)
        check(program.until(lambda: program.stopped == 1), "does not stop")
        program.screen.clear_to(24, 80)
        program.foreground()
        check(program.sees("input", "hourglass"), "not drawn anew after SIGCONT", program)


if __name__ == "__main__":
    main(test_interrupt_twice, test_terminate_and_recover, test_newest_five_are_kept,
         test_named_run_is_saved_by_name, test_hang_up, test_detached, test_crash,
         test_stop_and_continue, test_stopped_from_outside)
