#!/bin/sh
# man.sh - the manual pages against the program.
#
# hourglass(1) has every command, option, key, command-line word, environment
# variable and exit status; hourglass.ini(5) every key with its default and what is
# accepted. Both ways: a page that names what does not exist fails, too. What is
# marked "later" in the program is in the page's lists of later versions. Then the
# pages' examples are run. Needs no troff; with groff its warnings count as well.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
program=${HOURGLASS:-$top/hourglass}
page1=$top/man/hourglass.1 page5=$top/man/hourglass.ini.5
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
export XDG_CONFIG_HOME="$scratch/config" XDG_STATE_HOME="$scratch/state"
tab=$(printf '\t')
failures=0

fail()
{
    failures=$((failures + 1))
    echo "FAIL: $*"
}

# ---- the pages ----

# plain PAGE: "section <tab> tag <tab> text" for every entry, and "section <tab> - <tab> text" for
# the text outside of entries. A subsection "Later versions" makes SECTION/later.
plain()
{
    awk '
    function text(s) {
        gsub(/\\f[BIRP]/, "", s); gsub(/\\-/, "-", s); gsub(/\\\(ga/, "`", s)
        gsub(/\\\(mu/, "x", s); gsub(/\\\(S2/, "2", s); gsub(/\\&/, "", s); gsub(/\\e/, "\\", s)
        return s
    }
    # The arguments of a macro, joined by `glue`.
    function words(s, glue,   out, word, n) {
        out = ""; n = 0
        while (match(s, /^ *("[^"]*"|[^ "]+)/)) {
            word = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1)
            sub(/^ */, "", word)
            if (word ~ /^"/) word = substr(word, 2, length(word) - 2)
            out = out (n++ ? glue : "") word
        }
        return out
    }
    function flush() {
        gsub(/[ \t]+/, " ", body); sub(/^ /, "", body); sub(/ $/, "", body)
        if (section != "" && (tag != "" || body != ""))
            print section "\t" (tag == "" ? "-" : tag) "\t" body
        tag = ""; body = ""
    }
    /^\.\\"/ { next }
    /^\.SH/ { flush(); section = text(words(substr($0, 4), " ")); next }
    /^\.SS/ {
        flush(); sub(/\/later$/, "", section)
        if (text(words(substr($0, 4), " ")) == "Later versions") section = section "/later"
        next
    }
    /^\.TP/ { flush(); wanted = 1; next }
    /^\.PP/ { flush(); next }
    /^\.(EX|EE|br|TH)/ { next }
    {
        line = $0
        if (line ~ /^\.[BI] /) line = words(substr(line, 3), " ")
        else if (line ~ /^\.[BIR][BIR] /) line = words(substr(line, 4), "")
        line = text(line)
        if (wanted) { tag = line; wanted = 0 } else body = body " " line
    }
    END { flush() }' "$1"
}

# tags SECTION: the tags of one section of page1's or page5's entries.
tags()
{
    awk -F '\t' -v section="$2" '$1 == section && $2 != "-" { print $2 }' "$1"
}

# agree WHAT: the lists `program` and `page` are the same.
agree()
{
    sort -u program.list >program.sorted
    sort -u page.list >page.sorted
    [ -s program.sorted ] || fail "$1: the program shows none"
    comm -23 program.sorted page.sorted >absent
    comm -13 program.sorted page.sorted >invented
    while read -r line; do fail "$1: not in the page: $line"; done <absent
    while read -r line; do fail "$1: only in the page: $line"; done <invented
}

plain "$page1" >one
plain "$page5" >five

# ---- hourglass(1) ----

"$program" --help >help
sed -n '/^Commands:/,/^$/s/^  \([a-z].*\)/\1/p' help >commands
grep -v '(later version)$' commands | sed 's/   *.*//' >program.list
tags one COMMANDS >page.list
agree command
grep '(later version)$' commands | sed 's/   *.*//' >program.list
tags one COMMANDS/later >page.list
agree 'later command'

grep -E '^  (-[a-zA-Z],|   ) --' help | sed 's/^ *//; s/   *.*//' >program.list
tags one OPTIONS >page.list
agree option

# A table of C: its lines joined, one entry a line.
entries()
{
    tr '\n' ' ' <"$1" | sed 's/};.*static.*//' | grep -o "{$2[^{}]*}"
}
entries "$top/src/tui/action.c" UI_ACT_ |
    sed -E 's/^\{[A-Z0-9_]*, *[A-Z_]*, *"([^"]*)", *"([^"]*)".*, *(true|false)\}/\3\t\2\t\1/' >actions
for state in false true; do
    section=KEYS
    [ $state = true ] && section=KEYS/later
    awk -F '\t' -v state=$state '$1 == state { print $2 " (" $3 ")" }' actions >program.list
    awk -F '\t' -v section=$section '$1 == section && $2 != "-" {
        name = $3; sub(/.*\(/, "(", name); sub(/\)\..*/, ")", name); print $2 " " name }' one >page.list
    agree "key ($section)"
done

tr '\n' ' ' <"$top/src/tui/command.c" | grep -o '{"[a-z]*", *UI_ARG_[^{}]*}' |
    sed -E 's/.*UI_(ACT|ORDER)_[A-Z_]*, *"([^"]*)", *"[^"]*", *(true|false)\}/\3\t\2/' >orders
for state in false true; do
    section='COMMAND LINE'
    [ $state = true ] && section='COMMAND LINE/later'
    awk -F '\t' -v state=$state '$1 == state { print $2 }' orders >program.list
    tags one "$section" >page.list
    agree "command line ($section)"
done

{
    grep -rho 'getenv("[A-Z_]*")' "$top/src" | sed 's/.*("\(.*\)")/\1/'
    printf 'LC_ALL\nLC_CTYPE\nLANG\n' # what setlocale reads
    echo TERM
} >program.list
tags one ENVIRONMENT | tr -d ',' | tr ' ' '\n' >page.list
agree 'environment variable'

sed -n '/^Exit status/,/\.$/p' help | grep -oE '(^|[:,] )[0-9]+(\+N)? ' | tr -d ' :,' >program.list
tags one 'EXIT STATUS' >page.list
agree 'exit status'

# ---- hourglass.ini(5) ----

"$program" train --print-config >config || fail "--print-config ends with status $?"
awk '/^\[/ { section = $1; next } /^[a-z]/ { sub(/ *;.*/, ""); sub(/ +=/, " ="); print section "\t" $0 }' \
    config >program.list
awk -F '\t' '$1 ~ /^\[/ && $2 ~ /=/ { print $1 "\t" $2 }' five >page.list
agree key

# What is accepted, in the program's own words: those of its complaint about nothing.
while read -r section key rest; do
    name=${section#[}
    name=${name%]}.$key
    accepted=$("$program" train --print-config -s "$name=" 2>&1 | sed -n 's/.*; accepted: //p')
    [ -n "$accepted" ] || { fail "$name: the program does not say what it accepts"; continue; }
    awk -F '\t' -v section="$section" -v key="$key" -v text="Accepted: $accepted" '
        $1 == section && index($2, key " = ") == 1 && index($3, text) == 1 { found = 1 }
        END { exit !found }' five || fail "$name: the page does not say: Accepted: $accepted"
done <program.list

# Names in the running text: SECTION.KEY and --option must exist.
sed 's/^\[\(.*\)\]\t\([a-z0-9_]*\) .*/\1.\2/' program.list | sort -u >keys
{ cat one five; } | grep -oE '(^|[^a-zA-Z0-9_.$/])(data|gaussians|model|train|lesson|screen)\.[a-z][a-z0-9_]*' |
    sed 's/^[^a-z]//' | sort -u >named
# tensors of a run file begin like sections
printf 'data.mean\ndata.scale\ntrain.state\ntrain.sums\n' | sort >tensors
comm -23 named keys | comm -23 - tensors >invented
while read -r line; do fail "a page names $line, which does not exist"; done <invented
grep -oE -- '--[a-z][a-z-]*' help | sort -u >known
grep -ohE -- '--[a-z][a-z-]*' one five | sort -u | comm -23 - known >invented
while read -r line; do fail "a page names $line, which does not exist"; done <invented

# ---- examples ----

# blocks PAGE: writes .\" file blocks to their files, and .\" run blocks to NUMBER.run
blocks()
{
    awk -v name="$2" '
    function text(s) { gsub(/\\-/, "-", s); gsub(/\\e/, "\\", s); return s }
    /^\.\\" file / { file = $3; next }
    /^\.\\" run$/ { file = name "." ++number ".run"; next }
    /^\.EX/ { inside = 1; next }
    /^\.EE/ { if (file != "") close(file); inside = 0; file = ""; next }
    inside && file != "" { print text($0) >file }' "$1"
}
mkdir bin && ln -s "$program" bin/hourglass
PATH="$scratch/bin:$PATH"
examples=0
for page in "$page1" "$page5"; do
    rm -rf run && mkdir run && cd run || exit 99
    blocks "$page" "$(basename "$page")"
    for block in *.run; do
        while read -r line; do
            examples=$((examples + 1))
            sh -c "$line" >out 2>err </dev/null ||
                { fail "an example ends with status $?: $line"; cat err; }
        done <"$block"
    done
    cd .. || exit 99
done
[ $examples -ge 10 ] || fail "only $examples examples were run"

# ---- troff, where it is ----

if command -v groff >/dev/null; then
    for page in "$page1" "$page5"; do
        warnings=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
        [ -z "$warnings" ] || fail "$warnings"
    done
fi

# The check itself must be able to fail.
before=$failures
printf 'a\nb\n' >program.list && printf 'b\nc\n' >page.list
agree 'self-test' >self
[ "$(grep -c FAIL self)" = 2 ] || { failures=$before; fail "a difference was not noticed"; before=$failures; }
failures=$before

echo "$examples examples run, $failures failures"
[ $failures = 0 ] || exit 1
