#!/usr/bin/env python3
"""Terminals and locales, colours and none."""
import re

from screen import QUICK, Program, check, main

TERMS = ("xterm-256color", "xterm", "screen", "vt100", "linux", "tmux-256color")


def colours(raw):
    """Every number of an SGR that sets a colour."""
    found = set()
    for numbers in re.findall(rb"\x1b\[([0-9;]*)m", raw):
        words = [int(n or 0) for n in numbers.split(b";")]
        found.update(n for n in words if 30 <= n <= 49 or 90 <= n <= 107)
    return found


def drawn(*args, **environment):
    with Program(*args, **environment) as program:
        check(program.sees("hourglass", "input"), "%s %s: nothing drawn" % (args, environment),
              program)
        program.pump(0.1)
        check(program.quit() == 0, "%s: exit status %s" % (environment, program.status), program)
        check(program.restored() == "", "%s: %s" % (environment, program.restored()), program)
        return program.raw


def test_terminals_and_locales():
    for term in TERMS[::2] if QUICK else TERMS:
        for locale in ("C", "C.UTF-8"):
            raw = drawn(TERM=term, LC_ALL=locale)
            beyond = [byte for byte in raw if byte > 126]
            if locale == "C":
                check(not beyond, "TERM=%s in C: bytes %s" % (term, sorted(set(beyond))))
            else:
                raw.decode("utf-8")
                check(beyond, "TERM=%s in UTF-8: only ASCII" % term)
            check(not (term == "vt100" and colours(raw)), "vt100 has no colours: %s" % colours(raw))


def test_ascii():
    check(not any(byte > 126 for byte in drawn("--ascii")), "--ascii: other bytes")


def test_no_colour():
    for args, environment in (((), {"NO_COLOR": "1"}), (("--color", "never"), {})):
        raw = drawn(*args, **environment)
        check(not colours(raw) - {39, 49}, "%s %s: %s" % (args, environment, colours(raw)))
    check(38 in colours(drawn(NO_COLOR="")), "an empty NO_COLOR counts")
    check(38 in colours(drawn("--color", "always", NO_COLOR="1")), "--color always does not win")


def test_sixteen_colours():
    raw = drawn("--color", "16")
    used = colours(raw)
    check(used - {39, 49}, "no colours at all")
    numbers = [int(n) for n in re.findall(rb"[34]8;5;([0-9]+)", raw)]
    check(all(n < 16 for n in numbers), "--color 16: %s" % sorted(set(numbers)))
    check(38 in colours(drawn("--color", "256")), "--color 256: no 256 colours")


if __name__ == "__main__":
    main(test_terminals_and_locales, test_ascii, test_no_colour, test_sixteen_colours)
