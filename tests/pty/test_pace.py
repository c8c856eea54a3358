#!/usr/bin/env python3
"""How much is sent, and how soon a key is answered.

A busy machine draws less and answers later: only what is far from the promise fails.
"""
import os
import statistics
import time

from screen import HERE, PATIENCE, QUICK, Program, busy, check, main, quiet

SECONDS = 2.0 if QUICK else 3.5
SAMPLE = os.path.join(os.path.abspath(HERE), "..", "..", "samples", "digits.ini")


def test_bytes():
    with Program(SAMPLE) as program:
        check(program.sees("input"), "did not start", program)
        program.pump(2.0)
        rate = program.rate(SECONDS, 4096)
        print("     %.0f bytes/s while training" % rate)
        check(rate <= 4096, "%.0f bytes/s while training" % rate, program)
        before = program.bytes
        check(program.until(lambda: program.bytes > before), "nothing moves", program)
        program.type(" ")
        check(program.sees("space run"), "does not pause", program)
        start = time.monotonic()
        check(program.silent(0.5), "still sending when paused", program)
        print("     silent %.1f s after the pause" % (time.monotonic() - start - 0.5))


def until(program, shown):
    """Without naps between the looks."""
    end = time.monotonic() + PATIENCE
    while ("Help" in program.screen.text()) != shown:
        check(time.monotonic() < end, "? is not answered", program)
        program.pump(0.0005)


def test_key_to_screen():
    waits, others = [], [busy()]
    with Program() as program:
        program.sees("input")
        for _ in range(5 if QUICK else 15):
            program.pump(0.03)
            start = time.monotonic()
            program.type("?")
            until(program, True)
            waits.append(1000 * (time.monotonic() - start))
            program.type("?")
            until(program, False)
    others.append(busy())
    median = statistics.median(waits)
    print("     key to screen: median %.1f ms, worst %.1f ms" % (median, max(waits)))
    check(median <= (200 if quiet(*others) else 2000), "key to screen: median %.0f ms" % median)


def test_first_picture():
    waits, others = [], [busy()]
    for _ in range(3 if QUICK else 5):
        start = time.monotonic()
        with Program() as program:
            while not ("input" in program.screen.text() and "hourglass" in program.screen.text()):
                check(time.monotonic() - start < PATIENCE, "no picture", program)
                program.pump(0.001)
            waits.append(1000 * (time.monotonic() - start))
    others.append(busy())
    median = statistics.median(waits)
    print("     first picture: median %.0f ms" % median)
    check(median <= (3000 if quiet(*others) else 30000), "first picture: median %.0f ms" % median)


def picture(program):
    """The rows below the rule that names input and output."""
    rows = program.screen.text().splitlines()
    head = [i for i, row in enumerate(rows) if "input" in row and "output" in row]
    return rows[head[0] + 1:head[0] + 8] if head else []


def test_resize_costs_nothing():
    """Were the whole screen repaid, pictures would wait for seconds, and words go on meanwhile."""
    with Program(SAMPLE, "-s", "screen.art=ascii") as program:
        check(program.until(lambda: any(row.strip() for row in picture(program))), "no picture",
              program)
        first = picture(program)
        check(program.until(lambda: picture(program) not in (first, [])), "it stands still", program)
        program.size(30, 100)
        check(program.until(lambda: picture(program) and program.screen.text().splitlines()[29:]),
              "no whole screen", program)  # it goes from top to bottom
        first, before = picture(program), program.bytes
        check(program.until(lambda: picture(program) not in (first, [])), "it stands still", program)
        count = program.bytes - before
        print("     %d bytes from a resize to the next picture" % count)
        check(count < 8000, "%d bytes" % count, program)


if __name__ == "__main__":
    main(test_bytes, test_resize_costs_nothing, test_key_to_screen, test_first_picture)
