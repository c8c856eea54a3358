"""terminal.py - a terminal emulator, as much of one as curses needs."""
import re

CSI = re.compile(r"\x1b\[([?>!]?)([0-9;]*)([@-~])")


class Screen:
    """Cells, a cursor and what SGR and DEC modes were asked for."""

    def __init__(self, rows, columns):
        self.modes, self.sgr, self.unknown = {}, set(), []
        self.rest, self.alternate = "", False
        self.clear_to(rows, columns)

    def clear_to(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cell = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.top, self.bottom, self.last = 0, rows - 1, " "

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cell)

    def feed(self, text):
        text, self.rest, at = self.rest + text, "", 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            used = self.escape(text[at:at + 64])
            if used == 0:
                self.rest = text[at:]
                return
            at += used

    def escape(self, text):
        """The length of the sequence at the start; 0 = not all of it is here yet."""
        if len(text) < 2:
            return 0
        if text[1] == "[":
            found = CSI.match(text)
            if found:
                self.control(*found.groups())
                return found.end()
            again = text.find("\x1b", 1)  # what was cut short by another one is dropped
            if again > 0:
                return again
            return 0 if len(text) < 64 else self.strange(text)
        if text[1] == "\x1b":
            return 1
        if text[1] in "()*+":
            return 0 if len(text) < 3 else 2 if text[2] == "\x1b" else 3
        if text[1] in "78=>c":
            return 2
        if text[1] == "M":
            self.scroll(-1) if self.row == self.top else self.move(self.row - 1, self.column)
            return 2
        if text[1] in "DE":
            self.put("\n")
            return 2
        return self.strange(text)

    def strange(self, text):
        self.unknown.append(text[:8])
        return 2

    def move(self, row, column):
        self.row = max(0, min(self.rows - 1, row))
        self.column = max(0, min(self.columns - 1, column))

    def scroll(self, count):
        for _ in range(abs(count)):
            gone, new = (self.top, self.bottom) if count > 0 else (self.bottom, self.top)
            del self.cell[gone]
            self.cell.insert(new, [" "] * self.columns)

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.scroll(1) if self.row == self.bottom else self.move(self.row + 1, self.column)
        elif char == "\b":
            self.move(self.row, self.column - 1)
        elif char == "\t":
            self.move(self.row, (self.column // 8 + 1) * 8)
        elif char >= " " and char != "\x7f":
            if self.column >= self.columns:
                self.column = 0
                self.put("\n")
            self.cell[self.row][self.column] = self.last = char
            self.column += 1

    def control(self, private, numbers, final):
        n = [int(x or 0) for x in numbers.split(";")]
        one = max(1, n[0])
        line = self.cell[self.row]
        if private:
            self.mode(n, final)
        elif final == "m":
            self.sgr.update(n)
        elif final in "Hf":
            self.move(one - 1, max(1, n[1]) - 1 if len(n) > 1 else 0)
        elif final in "ABCD":
            down, right = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}[final]
            self.move(self.row + one * down, min(self.column, self.columns - 1) + one * right)
        elif final in "G`":
            self.move(self.row, one - 1)
        elif final == "d":
            self.move(one - 1, self.column)
        elif final == "b":
            for _ in range(one):
                self.put(self.last)
        elif final == "X":
            line[self.column:self.column + one] = [" "] * min(one, self.columns - self.column)
        elif final == "P":
            del line[self.column:self.column + one]
            line += [" "] * (self.columns - len(line))
        elif final == "@":
            line[self.column:self.column] = [" "] * one
            del line[self.columns:]
        elif final in "JK":
            self.erase(final, n[0])
        elif final in "LM":
            self.insert_lines(one if final == "L" else -one)
        elif final in "ST":
            self.scroll(one if final == "S" else -one)
        elif final == "r":
            bottom = n[1] if len(n) > 1 and n[1] else self.rows
            self.bottom = min(bottom, self.rows) - 1  # may be meant for the size before
            self.top = min(one - 1, self.bottom)
            self.move(0, 0)
        elif final not in "hltn":
            self.unknown.append("CSI " + numbers + final)

    def insert_lines(self, count):
        kept, self.top = self.top, self.row
        self.scroll(-count)
        self.top = kept

    def erase(self, final, how):
        start, end = min(self.column, self.columns), self.columns
        if how == 1:
            start, end = 0, min(self.column + 1, self.columns)
        elif how == 2:
            start = 0
        self.cell[self.row][start:end] = [" "] * (end - start)
        for row in range(self.rows) if final == "J" else []:
            if how == 2 or (how == 0 and row > self.row) or (how == 1 and row < self.row):
                self.cell[row] = [" "] * self.columns

    def mode(self, numbers, final):
        for number in numbers:
            self.modes[number] = final == "h"
            if number in (47, 1047, 1049):
                self.alternate = final == "h"
                self.clear_to(self.rows, self.columns)
