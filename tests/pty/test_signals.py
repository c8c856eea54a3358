#!/usr/bin/env python3
"""Signals: what they end is kept, and the terminal is as it was."""
import glob
import os
import re
import signal
import subprocess

from screen import PROGRAM, Folder, Program, check, main


def kept(folder):
    return sorted(glob.glob(folder + "/state/hourglass/*.safetensors"))


def started(*args, **more):
    program = Program(*args, **more)
    check(program.sees("input", "space"), "did not start", program)
    return program


def ended(program, status):
    check(program.ends() == status, "exit status %s, not %s" % (program.status, status), program)
    check(program.restored() == "", program.restored(), program)


def readable(path):
    run = subprocess.run([PROGRAM, "info", path], capture_output=True, text=True)
    check(run.returncode == 0, "info does not read " + path)
    return int(re.search(r"^step +(\d+)$", run.stdout, re.M).group(1))


def test_interrupt_twice():
    with Folder() as folder, started(folder=folder) as program:
        program.type("\x03")
        check(program.sees("Quit?"), "Ctrl-C does not ask", program)
        program.type("\x03")
        ended(program, 130)
        check(len(kept(folder)) == 1, "not kept: %s" % kept(folder), program)
        readable(kept(folder)[0])
        check("hourglass --recover" in program.words(), "last line", program)


def cut_off(folder):
    """Leaves a run of its own kind in the state folder: its code is of three. Its steps."""
    with started("-s", "model.code=3", folder=folder) as program:
        check(program.trains(), "does not train", program)
        program.kill(signal.SIGTERM)
        ended(program, 143)
        check(len(kept(folder)) == 1, "not kept: %s" % kept(folder), program)
        check("hourglass --recover" in program.words(), "last line", program)
    return readable(kept(folder)[0])


def is_recovered(program, step):
    """The kept run is there, and it goes on: what it is now has at least its steps."""
    check(program.sees("128-32-3-32-128"), "not the run that was kept", program)
    program.type(":write here.safetensors\r")
    check(program.sees("saved to here.safetensors"), "does not save", program)
    now = readable(program.folder + "/here.safetensors")
    check(now >= step, "at step %d, and it was kept at %d" % (now, step))


def test_terminate_and_recover():
    with Folder() as folder:
        step = cut_off(folder)
        with Program(folder=folder, columns=100) as program:
            check(program.sees(":recover"), "the next start does not say so", program)
            program.type(":recover\r")
            # Another run has begun; what it has learned is not given up without a word.
            check(program.sees("Open another run?"), "does not ask", program)
            program.type("y")
            is_recovered(program, step)


def test_recover_without_a_question():
    with Folder() as folder:
        step = cut_off(folder)
        with Program(folder=folder, columns=100) as program:
            check(program.sees(":recover"), "the next start does not say so", program)
            program.type(":recover!\r")
            is_recovered(program, step)
        with Program("--steps", "5", folder=folder, columns=100) as program:
            check(program.sees("finished"), "no end", program)
            program.type("w")
            check(program.sees("saved to digits.safetensors"), "w does not say so", program)
            program.type(":recover\r")
            check(program.sees("128-32-3-32-128"), "asks though all is saved", program)


def test_recover_from_the_command_line():
    with Folder() as folder:
        step = cut_off(folder)
        with Program("--recover", folder=folder, columns=100) as program:
            check(program.sees("hourglass", "digits", "128-32-3-32-128"), "--recover", program)
            check(program.sees("q quit"), "no keys", program)
            check(":recover" not in program.screen.text(), "said twice", program)
            program.type("q")
            check(program.sees("Quit?"), "does not ask", program)
            program.type("w")
            ended(program, 0)
            check("digits.safetensors holds the run" in program.words(), "name", program)
            check(readable(folder + "/digits.safetensors") >= step, "not that run")


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
            check(program.restored() == "", how + ": " + program.restored(), program)
            program.foreground()
            check(program.sees("input", "hourglass"), how + ": no screen after fg", program)
            check(program.screen.alternate, how + ": not the alternate screen", program)
            program.type("?")
            check(program.sees("Help"), how + ": keys are not heard after fg", program)
            program.type("?")
            check(program.loses("Help"), how + ": ? does not close", program)
            check(program.quit() == 0, how + ": exit status %s" % program.status, program)
            check(program.restored() == "", program.restored(), program)


def test_stopped_from_outside():
    with started() as program:
        program.kill(signal.SIGSTOP)
        check(program.until(lambda: program.stopped == 1), "does not stop")
        program.screen.clear_to(24, 80)
        program.foreground()
        check(program.sees("input", "hourglass"), "not drawn anew after SIGCONT", program)


if __name__ == "__main__":
    Program.threads = "2"
    main(test_interrupt_twice, test_terminate_and_recover, test_recover_without_a_question,
         test_recover_from_the_command_line, test_newest_five_are_kept,
         test_named_run_is_saved_by_name, test_hang_up, test_detached, test_crash,
         test_stop_and_continue, test_stopped_from_outside)
