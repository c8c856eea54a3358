#!/bin/sh
# benchmarks.sh - docs/benchmarks.md has the command that measures and what it measured.
#
# A row each of W1, W2a, W2b and W3 beside PyTorch, as tests/bench/compare writes them, with a
# ratio that was reached. Skipped (77) while the page says that nothing was measured yet.
set -u
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
page=$top/docs/benchmarks.md

grep -q '^    tests/bench/compare ' "$page" || { echo "FAIL: the command is missing"; exit 1; }
[ -x "$top/tests/bench/compare" ] || { echo "FAIL: no tests/bench/compare"; exit 1; }
if grep -q 'Not measured yet' "$page"; then
    echo "not measured yet"
    exit 77
fi
status=0
for workload in W1 W2a W2b W3; do
    grep -Eq "^\| $workload \| [0-9]+ \|.* [0-9.e+]+× \|" "$page" ||
        { echo "FAIL: no row of $workload in docs/benchmarks.md"; status=1; }
done
exit $status
