#!/usr/bin/env python3
"""[screen] on a real terminal line: from -s, and from the user's own file."""
import os
import re
from concurrent.futures import ThreadPoolExecutor

from screen import QUICK, Folder, Program, busy, check, main, quiet


def drawn(*args, **more):
    """All that the program writes until it has finished and the screen is whole, and that screen."""
    with Program("--steps", "20", *args, **more) as program:
        check(program.sees("input", "finished"), "%s: nothing drawn" % (args,), program)
        check(program.silent(0.5), "%s: still sending" % (args,), program)
        raw, text = program.raw, program.screen.text()
        check(program.quit() == 0, "%s: exit status %s" % (args, program.status), program)
        return raw, text


def test_mouse():
    asked = re.compile(rb"\x1b\[\?(1000|1006|1006;1000|1000;1006)h")
    check(asked.search(drawn()[0]), "the mouse is not asked for")
    check(not asked.search(drawn("-s", "screen.mouse=no")[0]), "mouse = no: it is asked for")


def test_art():
    braille = re.compile("[\u2801-\u28ff]")
    check(not re.search("[▀▄]", drawn("-s", "screen.art=ascii")[1]), "art = ascii: blocks")
    blocks = drawn("-s", "screen.art=blocks")[1]
    check(re.search("[▀▄█]", blocks), "art = blocks: none")
    count = len(braille.findall(blocks))
    check(len(braille.findall(drawn("-s", "screen.art=braille")[1])) > count + 20,
          "art = braille: no more Braille than with blocks")


def test_palette():
    def grey(raw):
        numbers = {int(n) for n in re.findall(rb"[34]8;5;([0-9]+)", raw)}
        return len([n for n in numbers if 232 <= n <= 255]), len([n for n in numbers if 16 <= n <= 231])
    first = grey(drawn("-s", "screen.palette=grey")[0])
    second = grey(drawn("-s", "screen.palette=viridis")[0])
    check(first[0] > second[0] and first[1] < second[1], "grey %s, viridis %s" % (first, second))


def test_user_file():
    with Folder() as folder:
        os.makedirs(folder + "/hourglass")
        with open(folder + "/hourglass/config.ini", "w") as file:
            file.write("[screen]\nart = ascii\n")
        text = drawn(folder=folder, XDG_CONFIG_HOME=folder)[1]
        check(not re.search("[▀▄]", text), "the user's own file is not heard")


def rate(*args, seconds=2.5, most=float("inf")):
    with Program(*args) as program:
        program.sees("input")
        program.pump(2.0)  # the first pictures may cost more
        return program.rate(seconds, most)


def test_budget_and_fps():
    with ThreadPoolExecutor() as both:
        low = both.submit(rate, "--low-bandwidth", seconds=8, most=1024)
        small = both.submit(rate, "-s", "screen.budget=1500", seconds=8, most=1600)
        low, small = low.result(), small.result()
    check(0 < low <= 1024, "--low-bandwidth: %.0f bytes/s" % low)
    check(0 < small <= 1600, "budget = 1500: %.0f bytes/s" % small)
    before = busy()
    slow, fast = rate("-s", "screen.fps=1", "-s", "screen.budget=0"), rate("-s", "screen.budget=0")
    print("     low %.0f, 1500: %.0f, 1 fps %.0f, 20 fps %.0f bytes/s" % (low, small, slow, fast))
    check(0 < slow < (fast / 2 if quiet(before, busy()) else fast), "fps = 1: %.0f bytes/s, 20: %.0f" % (slow, fast))


if __name__ == "__main__":
    main(test_mouse, test_art, test_palette, test_user_file,
         *(() if QUICK else (test_budget_and_fps,)))
