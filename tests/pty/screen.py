"""screen.py - drives the program on a pseudo-terminal and reads its screen as text.

Program starts it the way a shell does: a leader owns the terminal, the program is
the job in the foreground, so that stopping, hanging up and ending are the real ones.
The screen itself is in terminal.py.
"""
import codecs
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
import traceback

from terminal import Screen

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = (os.environ.get("HG_PROGRAM") or os.environ.get("HOURGLASS")
           or os.path.join(HERE, "..", "..", "hourglass"))
QUICK = "quick" in (os.environ.get("HG_TESTS"), os.environ.get("TESTS"))
# Any state is waited for; only what never comes has to wait so long.
PATIENCE = 100.0
MARK = b"\x1e"  # the leader's, behind all that the job has written


class Program:
    """The program on a terminal. `folder` is home, state folder and where it stands."""
    # Tests run beside one another: what is not about threads leaves the other cores alone.
    threads = "1"

    def __init__(self, *args, rows=24, columns=80, folder=None, **environment):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="hourglass-pty")
        self.screen = Screen(rows, columns)
        self.raw, self.bytes, self.status, self.stopped = b"", 0, None, 0
        self.marks = 0  # to come
        codeset = "latin-1" if environment.get("LC_ALL") == "C" else "utf-8"
        self.decoder = codecs.getincrementaldecoder(codeset)("replace")
        self.master, self.slave = os.openpty()
        self.size(rows, columns, tell=False)
        self.modes = termios.tcgetattr(self.slave)
        self.pipe, told = os.pipe()
        orders, self.orders = os.pipe()
        env = dict(PATH=os.environ["PATH"], HOME=self.folder, TERM="xterm-256color",
                   LC_ALL="C.UTF-8", XDG_STATE_HOME=self.folder + "/state",
                   XDG_CONFIG_HOME=self.folder + "/config")
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "HOURGLASS_ISA"):
            if name in os.environ:
                env[name] = os.environ[name]
        env.update(environment)
        env = {name: value for name, value in env.items() if value is not None}
        if not {"-t", "--threads"} & set(args):
            args = ("--threads", self.threads) + args
        self.leader = os.fork()
        if self.leader == 0:
            try:
                self.lead([os.path.abspath(PROGRAM)] + list(args), env, told, orders)
            finally:
                os._exit(99)
        os.close(told)
        os.close(orders)
        self.pid = None
        while self.pid is None and select.select([self.pipe], [], [], PATIENCE)[0]:
            self.take_news()

    def lead(self, command, env, told, orders):
        """The shell: starts the job, waits for it, says what became of it."""
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        for fd in (self.master, self.pipe, self.orders):
            os.close(fd)
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(self.slave, os.getpid())
            for fd in range(3):
                os.dup2(self.slave, fd)
            for number in (signal.SIGHUP, signal.SIGTTOU, signal.SIGPIPE, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.chdir(self.folder)
            os.closerange(3, 64)
            os.execve(command[0], command, env)
        os.write(told, b"pid %d\n" % job)
        while True:
            _, status = os.waitpid(job, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                os.write(told, b"end %d\n" % code)
                self.mark()
                os._exit(0)
            os.tcsetpgrp(self.slave, os.getpgrp())
            os.write(told, b"stop 0\n")
            self.mark()
            os.read(orders, 1)
            os.tcsetpgrp(self.slave, job)
            os.kill(-job, signal.SIGCONT)

    def mark(self):
        """What the job wrote may still be on its way when its end is known: this comes after it."""
        try:
            os.write(self.slave, MARK)
        except OSError:
            pass  # hung up

    def pump(self, seconds=0.0):
        """Takes what comes within `seconds`; True = something came."""
        until, came = time.monotonic() + seconds, False
        while True:
            wait = max(0.0, until - time.monotonic())
            ready = select.select([self.master, self.pipe], [], [], wait)[0]
            if self.master in ready:
                came = self.take() or came
            if self.pipe in ready:
                self.take_news()
            if not ready or wait == 0 or self.status is not None:
                while select.select([self.master], [], [], 0)[0] and self.take():
                    pass
                return came

    def take_news(self):
        """What became of the job, once all that it wrote before is here."""
        news = os.read(self.pipe, 100).decode()
        for line in news.splitlines():
            word, number = line.split()
            if word == "pid":
                self.pid = int(number)
                continue
            self.marks += 1
            end = time.monotonic() + PATIENCE
            while self.master >= 0 and self.marks > 0 and time.monotonic() < end:
                if select.select([self.master], [], [], 1)[0] and not self.take():
                    break
            if word == "end":
                self.status = int(number)
            else:
                self.stopped += 1

    def take(self):
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        if not data:
            return False
        self.marks -= data.count(MARK)
        data = data.replace(MARK, b"")
        self.raw += data
        self.bytes += len(data)
        self.screen.feed(self.decoder.decode(data))
        return True

    def until(self, condition, seconds=PATIENCE):
        """The condition holds, sooner or later; not once the program has ended without it."""
        end = time.monotonic() + seconds
        while not condition():
            if self.status is not None or time.monotonic() > end:
                return False
            self.pump(min(0.02, seconds))
        return True

    def sees(self, *words):
        """All words are on the screen, sooner or later."""
        return self.until(lambda: all(word in self.screen.text() for word in words))

    def loses(self, *words):
        """None of the words is on the screen, sooner or later."""
        return self.until(lambda: not any(word in self.screen.text() for word in words))

    def trains(self):
        """An epoch is over, sooner or later: there is something to lose."""
        return self.until(lambda: re.search("epoch +[1-9]", self.screen.text()))

    def silent(self, seconds=1.0):
        """For so long nothing is sent, sooner or later."""
        end = time.monotonic() + PATIENCE
        while self.pump(seconds):
            if time.monotonic() > end:
                return False
        return True

    def rate(self, seconds, most):
        """Bytes a second; a busy machine delivers late what was sent before, so again if many."""
        for _ in range(3):
            self.pump()
            before, start = self.bytes, time.monotonic()
            self.pump(seconds)
            rate = (self.bytes - before) / (time.monotonic() - start)
            if rate <= most:
                break
        return rate

    def type(self, text):
        os.write(self.master, text.encode())

    def escape(self, *words):
        """Esc, and nothing after it until it is understood: the words go away."""
        self.type("\x1b")
        return self.loses(*words)

    def quit(self):
        """q, and y if it asks."""
        self.type("q")
        if self.until(lambda: "Quit?" in self.screen.text()):
            self.type("y")
        return self.ends()

    def kill(self, number):
        os.kill(self.pid, number)

    def size(self, rows, columns, tell=True):
        if tell:
            self.pump()
            self.screen.clear_to(rows, columns)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def foreground(self):
        os.write(self.orders, b"f")

    def hang_up(self):
        """As when the window is closed: until the end nothing can be read any more."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def ends(self):
        """The exit status; None = it goes on."""
        if self.master >= 0:
            self.until(lambda: self.status is not None)
        elif select.select([self.pipe], [], [], PATIENCE)[0]:
            self.take_news()
        return self.status

    def last_line(self):
        lines = self.screen.text().strip().splitlines()
        return lines[-1].strip() if lines else ""

    def words(self):
        """What was said after the screen was left; lines may have wrapped."""
        return "".join("".join(row) for row in self.screen.cell)

    def restored(self):
        """What is wrong with the terminal that was left behind; "" = nothing."""
        modes = self.screen.modes
        if termios.tcgetattr(self.slave) != self.modes:
            return "termios are not as before"
        if self.screen.alternate:
            return "the alternate screen is still shown"
        if modes.get(25) is False:
            return "the cursor is hidden"
        if any(modes.get(mode) for mode in (1, 1000, 1002, 1003, 1006, 2004)):
            return "a mode is still on: " + str(modes)
        return ""

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for fd in (self.master, self.slave, self.pipe, self.orders):
            if fd >= 0:
                os.close(fd)  # the leader may wait for any of them
        os.waitpid(self.leader, 0)
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Failed(Exception):
    pass


def check(fine, what, program=None):
    if fine:
        return
    shown = "" if program is None else "\n" + program.screen.text()
    raise Failed(what + shown)


def busy():
    """How much slower than alone this machine works at the moment: 1 = nobody else is there."""
    wall, own = time.monotonic(), time.process_time()
    while time.process_time() - own < 0.05:
        pass
    return (time.monotonic() - wall) / 0.05


def quiet(*measured):
    """Promises about time are for a quiet machine; on others only what is far from them fails."""
    return max(measured) < 1.3


class Folder:
    """A folder to work in that goes away."""

    def __enter__(self):
        self.name = tempfile.mkdtemp(prefix="hourglass-pty")
        return self.name

    def __exit__(self, *_):
        shutil.rmtree(self.name, ignore_errors=True)


def main(*tests):
    """Runs the tests, or those named on the command line. An instrumented program (HG_SANITIZED)
    is ten times slower and treats crashes its own way: only the storm of sizes and keys is for it
    (but the thread sanitizer is too slow for that)."""
    failures = 0
    sanitized = os.environ.get("HG_SANITIZED")
    if sanitized == "tsan" or (sanitized and "storm" not in sys.argv[0]):
        print("an instrumented program: nothing to test here")
        sys.exit(77)
    for test in tests:
        if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
            continue
        start = time.monotonic()
        try:
            test()
            print("ok   %s (%.1f s)" % (test.__name__, time.monotonic() - start))
        except Failed as failed:
            print("FAIL %s: %s" % (test.__name__, failed))
            failures += 1
        except Exception:
            print("FAIL %s:\n%s" % (test.__name__, traceback.format_exc()))
            failures += 1
        sys.stdout.flush()
    sys.exit(1 if failures else 0)
