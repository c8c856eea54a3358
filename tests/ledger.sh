#!/bin/sh
# ledger.sh - every promise of the contract has a line in contract.tsv, and every
# line that says it is proved names a test that is there.
#
# ledger.sh --count only prints how many are proved, missing and later. A table
# in the code (commands, options, keys of the experiment, actions) with an entry
# that has no line fails the test: nothing is added without saying what proves it.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
table=$top/tests/contract.tsv
program=${HOURGLASS:-$top/hourglass}
tab=$(printf '\t')

count()
{
    awk -F '\t' '
        /^#/ { next }
        $3 == "later" { later++; next }
        $4 == "missing" { missing++; next }
        { proved++ }
        END { printf "contract: %d proved, %d missing, %d later\n", proved, missing, later }' "$table"
}

if [ "${1:-}" = --count ]; then
    count
    exit 0
fi

status=0
fail()
{
    echo "FAIL: $*"
    status=1
}

# Four columns, no line twice, proofs that exist.
awk -F '\t' '
    /^#/ { next }
    NF != 4 { print "FAIL: line " NR " has " NF " columns, not 4"; bad = 1 }
    $3 != "1" && $3 != "later" { print "FAIL: line " NR ": part is 1 or later"; bad = 1 }
    seen[$1 FS $2]++ { print "FAIL: line " NR ": " $1 " " $2 " stands twice"; bad = 1 }
    END { exit bad }' "$table" || status=1
for proof in $(awk -F '\t' '!/^#/ && $4 != "missing" { print $4 }' "$table" | tr ',' ' ' | sort -u); do
    [ -e "$top/$proof" ] || fail "$proof is named as a proof and does not exist"
done

# has KIND NAME: is there a line?
has()
{
    grep -q "^$1$tab$2$tab" "$table"
}

# every KIND, with names on standard input
every()
{
    while read -r name; do
        has "$1" "$name" || echo "FAIL: $1 $name has no line in contract.tsv"
    done
}

if [ -x "$program" ]; then
    options=$("$program" --help | sed -n 's/^  [-, a-zA-Z]*\(--[a-z-]*\).*/\1/p' | sort -u)
    commands=$("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
    keys=$("$program" --print-config | awk '
        /^\[/ { section = substr($1, 2); sub(/\].*/, "", section); next }
        /^[a-z]/ { print section "." $1 }')
    [ -n "$options" ] && [ -n "$commands" ] && [ -n "$keys" ] || fail "the program shows no tables"
    missing=$(
        echo "$options" | every option
        echo "$commands" | every command
        echo "$keys" | every ini
    )
    [ -z "$missing" ] || { echo "$missing"; status=1; }
else
    echo "no program at $program: its tables were not compared"
fi

actions=$(tr '\n' ' ' <"$top/src/tui/action.c" |
    grep -o '{UI_ACT_[A-Z0-9_]*, *UI_GROUP_[A-Z]*, *"[^"]*"' | sed 's/.*"\(.*\)"/\1/')
[ -n "$actions" ] || fail "no actions found"
missing=$(echo "$actions" | every key)
[ -z "$missing" ] || { echo "$missing"; status=1; }

# It must be able to fail.
has option --no-such && fail "a line that is not there was found"

count
exit $status
