#!/bin/sh
# hourglass selftest: its lines, what it accepts, and the experiments themselves: the short
# ones here, all with HG_TESTS=long and in .ci/run.
[ -z "${HG_SANITIZED:-}" ] || exit 77 # long, and unit tests walk the same ways
. "$(dirname "$0")/lib.sh"
systems='digits two-digits faces stack-gradient mean-trap clusters conv5 conv5-code'

# lines NAME COUNT: so many lines begin with this name.
lines()
{
    [ "$(grep -c "^ok $1: " out)" -ge "$2" ] || fail "$last: fewer than $2 lines of $1"
}
# Each line: a verdict, a name, a figure, a pass line.
whole()
{
    grep -vE '^(ok|FAIL) [a-z0-9-]+: .*[^ ].* \([^()]+\)$' out >odd && fail "$last: $(head -n 1 odd)"
}

# The names are those of the documents, and each has samples/NAME.ini behind it.
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$program")" && pwd)}
for name in $systems; do
    [ -f "$top/samples/$name.ini" ] || fail "no samples/$name.ini"
    grep -q "^    hourglass.* samples/$name.ini" "$top/docs/experiments.md" ||
        fail "docs/experiments.md does not try samples/$name.ini"
done

# No file is needed, none is left, and nothing is said on standard error.
mkdir empty && cd empty || exit 99
HOME=/nonexistent "$program" selftest stack-gradient clusters >../out 2>../err </dev/null ||
    fail "stack-gradient clusters: exit status $?"
[ -z "$(ls -A)" ] || fail "selftest leaves files: $(ls -A)"
cd .. || exit 99
last='hourglass selftest stack-gradient clusters'
silent; whole; lines stack-gradient 3; lines clusters 8
shows '^ok stack-gradient: .*0\.03370 0\.03348 0\.03135 0\.00266 0\.00262 \('
grep -v '^ok ' out >odd && fail "$last: $(cat odd)"
cp out once
hg 0 selftest -q clusters stack-gradient --threads 3; silent
same out once # in the order of the documents, whatever the threads

# Another first seed is another start, where one is drawn.
hg 0 selftest clusters --seed 5; whole; differ out once

# What is not accepted.
hg 2 selftest clusters nothing; one_line; says "'nothing'.*accepted:.* clusters"
hg 2 selftest -s train.lr=1; one_line; says 'accepted: --threads, --seed, --max-memory'
hg 2 selftest -o run.safetensors; one_line
hg 2 selftest --seed x; one_line
hg 1 selftest stack-gradient conv5 --max-memory 1M; says 'memory'; whole
hg 0 selftest --help; shows 'NAME'

# A line comes as soon as it is known.
begin selftest stack-gradient mean-trap conv5
await grep -q '^ok stack-gradient' out && gone && fail "its lines come at the end only"
kill $child
wait $child 2>wait.err

case $quick${HG_TESTS:-} in
yes*) ;;
nolong)
    timeout 600 "$program" selftest >out 2>err </dev/null || fail "selftest: exit status $?"
    last='hourglass selftest'
    whole
    for name in $systems; do lines $name 1; done ;;
*)
    hg 0 selftest faces mean-trap; whole; lines faces 1; lines mean-trap 7 ;;
esac
cat out
finish
