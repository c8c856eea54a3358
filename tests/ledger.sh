#!/bin/sh
# ledger.sh - every promise of the contract has a line in contract.tsv, and every
# line that says it is proved names tests that are there and are run.
#
# ledger.sh --count only prints how many are proved, missing and later. A table in
# the code (commands, options, keys and choices of the experiment, layer words,
# actions, words of the command line, events, environment) with an entry that has
# no line fails the test: nothing is added without saying what proves it.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
table=${HG_CONTRACT:-$top/tests/contract.tsv}
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

# ---- the lines themselves ----

awk -F '\t' '
    /^#/ { next }
    NF != 4 { print "FAIL: line " NR " has " NF " columns, not 4"; bad = 1 }
    $3 != "1" && $3 != "later" { print "FAIL: line " NR ": part is 1 or later"; bad = 1 }
    $3 == "1" && $4 == "missing" { print "FAIL: nothing proves " $1 " " $2; bad = 1 }
    seen[$1 FS $2]++ { print "FAIL: line " NR ": " $1 " " $2 " stands twice"; bad = 1 }
    END { exit bad }' "$table" || status=1

# Proofs are files, and among the tests of Makefile.am (.ci/run is what runs those).
listed=$(sed -n '/^[a-z]*_tests = /,/[^\\]$/p' "$top/Makefile.am" | tr -s ' \\\n' ' ')
for proof in $(awk -F '\t' '!/^#/ && $4 != "missing" { print $4 }' "$table" | tr ',' ' ' | xargs -n 1 | sort -u); do
    [ -e "$top/$proof" ] || fail "$proof is named as a proof and does not exist"
    case " $listed .ci/run " in
    *" ${proof%.c} "*) ;;
    *) fail "$proof is named as a proof and is no test of Makefile.am" ;;
    esac
done

# ---- the tables of the code ----

# has KIND NAME: is there a line?
has()
{
    awk -F '\t' -v kind="$1" -v name="$2" '$1 == kind && $2 == name { found = 1 } END { exit !found }' "$table"
}
# every KIND: names on standard input, at least one.
every()
{
    names=0
    while read -r name; do
        [ -n "$name" ] || continue
        names=$((names + 1))
        has "$1" "$name" || echo "FAIL: $1 $name has no line in contract.tsv"
    done
    [ $names -gt 0 ] || echo "FAIL: no $1 was found in the code"
}
# choices KEY: the first word of each that the refusal of a wrong value offers.
choices()
{
    "$program" --print-config -s "$1=?" 2>&1 >"$scratch/out" </dev/null |
        sed 's/.*\(accepted\|expected\):* //; s/([^)]*)//g; s/\[[^]]*\]//g; s/,* or several.*//; s/ or /,/g' |
        tr ',' '\n' | awk '$1 != "" { print $1 }'
}
is_activation='^(linear|sigmoid|tanh|relu|lrelu|elu|gelu|silu|softplus)$'
of_program()
{
    "$program" --help | sed -n 's/^  [-, a-zA-Z]*\(--[a-z-]*\).*/\1/p' | every option
    "$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | every command
    "$program" --print-config | awk '
        /^\[/ { section = substr($1, 2); sub(/\].*/, "", section); next }
        /^[a-z]/ { print section "." $1 }' | every ini
    for key in model.loss train.optimizer train.schedule model.init train.corrupt data.scale; do
        choices $key | every ${key#*.}
    done
    choices model.encoder | grep -Ev "$is_activation" | every layer
    choices model.encoder | grep -E "$is_activation" | every activation
}
of_sources()
{
    tr '\n' ' ' <"$top/src/tui/action.c" |
        grep -o '{UI_ACT_[A-Z0-9_]*, *UI_GROUP_[A-Z]*, *"[^"]*"' | sed 's/.*"\(.*\)"/\1/' | every key
    sed -n 's/^ *{"\([a-z]*\)", UI_ARG.*/\1/p' "$top/src/tui/command.c" | every line
    sed -n 's/.*begin(&line, "\([a-z]*\)").*/\1/p' "$top/src/run/log.c" | every log
    cat "$top"/src/*/*.c | grep -o 'getenv("[A-Z_]*")' | sed 's/.*"\(.*\)".*/\1/' | grep -vx HOME |
        sort -u | every environment
}

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
if [ -x "$program" ]; then
    XDG_CONFIG_HOME="$scratch" of_program >"$scratch/missing"
else
    echo "no program at $program: its tables were not compared"
fi
of_sources >>"$scratch/missing"
[ ! -s "$scratch/missing" ] || { cat "$scratch/missing"; status=1; }

# It must be able to fail.
has option --no-such && fail "a line that is not there was found"
[ "$(echo no-such | every option | grep -c FAIL)" = 1 ] || fail "a missing line is not reported"

count
exit $status
