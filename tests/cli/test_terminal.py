#!/usr/bin/python3
"""--recover and --low-bandwidth on a real terminal line; the rest of it is in tests/pty."""
import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = os.environ.get("HOURGLASS", "./hourglass")
FAILURES = []
SLOW = 100  # seconds that anything may take on a busy machine


def check(truth, what):
    if not truth:
        FAILURES.append(what)
        print("FAIL:", what)


class Session:
    """The program in a pseudo-terminal of its own."""

    def __init__(self, *arguments, size=(24, 80), **environment):
        self.folder = environment.pop("folder", None) or tempfile.mkdtemp()
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        values = {key: value for key, value in os.environ.items()
                  if key not in ("NO_COLOR", "LC_ALL", "LANG", "LC_CTYPE", "COLORTERM")}
        values.update(TERM="xterm-256color", LC_ALL="C.UTF-8", XDG_CONFIG_HOME=self.folder,
                      XDG_STATE_HOME=self.folder + "/state")
        values.update(environment)
        self.output = b""
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=self.slave, stdout=self.slave,
                                        stderr=self.slave, cwd=self.folder, start_new_session=True,
                                        env={k: v for k, v in values.items() if v is not None},
                                        preexec_fn=self.adopt)

    def adopt(self):
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def read(self, seconds):
        """Takes what comes for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if ready:
                try:
                    self.output += os.read(self.master, 65536)
                except OSError:
                    return

    def wait_for(self, text, seconds=SLOW):
        end = time.monotonic() + seconds
        while text not in self.output and time.monotonic() < end:
            self.read(0.02)
        return text in self.output

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """The exit status, once it has ended; 128 + N as a shell counts."""
        limit = time.monotonic() + SLOW
        while self.process.poll() is None and time.monotonic() < limit:
            self.read(0.02)
        if self.process.poll() is None:
            self.process.kill()
            return None
        self.read(0.1)
        code = self.process.wait()
        return code if code >= 0 else 128 - code

    def restored(self, what):
        check(termios.tcgetattr(self.slave) == self.before, what + ": line settings not restored")
        if b"\x1b[?1049h" in self.output:
            tail = self.output[self.output.rindex(b"\x1b[?1049h"):]
            check(b"\x1b[?1049l" in tail, what + ": the other screen was not left")
        check(self.output.rfind(b"\x1b[?25h") >= self.output.rfind(b"\x1b[?25l"),
              what + ": the cursor was not shown again")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)
        shutil.rmtree(self.folder, ignore_errors=True)


def recovers():
    session = Session()
    check(session.wait_for(b"input"), "no picture")
    session.process.terminate()
    session.end()
    again = Session("--recover", folder=session.folder)
    check(again.wait_for(b"input"), "--recover: nothing came up")
    check(again.process.poll() is None, "--recover: ended by itself")
    again.process.terminate()
    check(again.end() == 143, "--recover: exit status")
    again.restored("--recover")
    again.close()
    session.close()
    nothing = Session("--recover")
    check(nothing.end() == 1 and b"nothing to recover" in nothing.output, "--recover with nothing")
    nothing.close()


def bandwidth():
    for arguments, most in ((("--low-bandwidth",), 1024),):
        session = Session(*arguments)
        session.wait_for(b"hourglass")
        session.read(3)  # the first pictures may cost more
        for _ in range(3):  # a busy machine delivers late what was sent before
            before, begun = len(session.output), time.monotonic()
            session.read(4)
            rate = (len(session.output) - before) / (time.monotonic() - begun)
            if rate <= most * 1.1:
                break
        print("%s: %d bytes a second" % (arguments, rate))
        check(rate <= most * 1.1, "%s: %d bytes a second" % (arguments, rate))
        session.close()


def main():
    if os.environ.get("HG_SANITIZED"):
        sys.exit(77)
    for test in recovers, bandwidth:
        begun = time.monotonic()
        test()
        print("%s: %.1f s" % (test.__name__, time.monotonic() - begun))
    sys.exit(1 if FAILURES else 0)


main()
