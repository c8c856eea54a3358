#!/bin/sh
# benchmarks.sh - docs/benchmarks.md has the commands that measure and what they measured.
#
# A row each of W1 to W5 beside PyTorch, as tests/bench/compare writes them, with a ratio that
# was reached; the tables of tests/bench/scaling. Skipped (77) while the page says that
# nothing was measured yet.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
page=$top/docs/benchmarks.md
status=0
fail()
{
    echo "FAIL: $*"
    status=1
}

for script in compare scaling; do
    grep -q "^    tests/bench/$script" "$page" || fail "the command tests/bench/$script is missing"
    [ -x "$top/tests/bench/$script" ] || fail "no tests/bench/$script"
done
if grep -qi 'not measured yet' "$page"; then
    echo "not measured yet"
    exit 77
fi
for workload in W1 W2a W2b W3 W3:encode W4 W4:encode W5; do
    grep -Eq "^\| $workload \| [0-9]+ \|.* [0-9.e+]+× \|" "$page" ||
        fail "no row of $workload in docs/benchmarks.md"
done
for size in samples parameters pixels threads; do
    grep -q "^| $size |" "$page" || fail "no table of $size in docs/benchmarks.md"
done
exit $status
