#!/bin/sh
# layers.sh - includes point down: base < engine < data < run < output < tui, cli.
#
# Fails on an upward include, on a cycle, on tui/ or cli/ including a private
# header of the library, and on an outside library used elsewhere than behind its door.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

# check FOLDER: prints what is wrong below FOLDER/src and FOLDER/include.
check()
{
    (
        cd "$1" || exit 99
        find src include -name '*.[ch]' | LC_ALL=C sort | xargs awk '
        BEGIN {
            count = split("base engine data run output", floors, " ")
            for (i = 1; i <= count; i++) rank[floors[i]] = i
            # one door an outside library: file names that may open it
            door["png.h"] = "src/data/png"
            door["zlib.h"] = "src/base/(gz|crc)"
            door["zip.h"] = "src/base/zip"
            door["ini.h"] = "src/run/specfile"
            door["pthread.h"] = "src/(base/pool|run/channel|run/session|run/background)"
            door["curses.h"] = "src/tui/term"
            door["ncurses.h"] = "src/tui/term"
            door["term.h"] = "src/tui/term"
            door["jansson.h"] = "src/(run|output)/"
        }
        function bad(text) { print FILENAME ":" FNR ": " text }
        FNR == 1 {
            split(FILENAME, part, "/")
            floor = part[1] == "include" ? "hourglass" : part[2]
        }
        /^[ \t]*#[ \t]*include[ \t]*</ {
            name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
            sub(/^ncursesw?\//, "", name)
            if (name in door && FILENAME !~ door[name]) bad("<" name "> is for " door[name] " only")
        }
        /^[ \t]*#[ \t]*include[ \t]*"/ {
            name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
            if (name == "config.h") next
            if (name !~ /\//) { bad("\"" name "\" is not written floor/noun.h"); next }
            to = name; sub(/\/.*/, "", to)
            if (to == "hourglass") next
            if (floor == "hourglass") bad("a public header includes \"" name "\"")
            else if (floor in rank) {
                if (!(to in rank) || rank[to] > rank[floor]) bad("upward: \"" name "\"")
            } else if (to != floor && !(floor == "cli" && name == "tui/tui.h"))
                bad(floor "/ includes \"" name "\"")
        }'
        # A header and its own source are one; a cycle among headers is one too many.
        find src include -name '*.h' | LC_ALL=C sort | xargs awk '
        /^[ \t]*#[ \t]*include[ \t]*"/ {
            name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
            file = FILENAME; sub(/^(src|include)\//, "", file)
            print file, name
        }' | tsort 2>&1 >/dev/null | sed 's/^/cycle: /'
    )
}

fail()
{
    echo "FAIL: $*"
    exit 1
}

# The check itself must be able to fail.
expect()
{
    rm -rf "$scratch/t"
    mkdir -p "$scratch/t/src/$(dirname "$2")" "$scratch/t/include/hourglass"
    echo "$3" >"$scratch/t/src/$2"
    [ -z "${4:-}" ] || { mkdir -p "$scratch/t/src/$(dirname "$4")"; echo "$5" >"$scratch/t/src/$4"; }
    check "$scratch/t" | grep -q "$1" || fail "not noticed: $2 has $3"
}
expect upward base/x.c '#include "run/spec.h"'
expect upward engine/x.h '#include "data/batch.h"'
expect 'tui/ includes' tui/x.c '#include "base/mem.h"'
expect 'cli/ includes' cli/x.c '#include "tui/app.h"'
expect 'for src/tui/term' tui/x.c '#include <ncurses.h>'
expect cycle run/x.h '#include "run/y.h"' run/y.h '#include "run/x.h"'

found=$(check "$top")
[ -z "$found" ] || { echo "$found"; fail "includes must point down (CONTRIBUTING.md)"; }
echo "ok"
