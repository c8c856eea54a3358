#!/bin/sh
# hourglass bench: what it prints, what it counts, and what a workload is.
. "$(dirname "$0")/lib.sh"
number='[0-9.e+-]+'

# line WORKLOAD MODE FLOP: stdout is one such object, and its GFLOP/s are those of FLOP a sample.
line()
{
    shows "^\\{\"workload\":\"$1\",\"mode\":\"$2\",\"threads\":[0-9]+,\"isa\":\"(avx512|avx2|base)\",\
\"samples_per_s\":$number,\"steps_per_s\":$number,\"gflops\":$number,\"peak_percent\":$number,\
\"rss_mib\":[0-9.]+\\}\$"
    tr -d '{}"' <out | tr ',' '\n' | awk -F : -v name="$1" -v flop="$3" '
        { value[$1] = $2; if ($1 == "rss_mib" && value["workload"] == name) found = value["gflops"] * 1e9 / value["samples_per_s"] }
        END { exit !(found > 0.997 * flop && found < 1.003 * flop) }' ||
        fail "$last: not $3 operations a sample"
}

hg 0 bench W1 -t 1; line W1 train 336; shows '"threads":1'
hg 0 bench W4:encode -t 1; line W4 encode 15353856
hg 1 bench nothing; one_line
hg 1 bench W9; one_line; says 'W9: No such file .*; accepted: W1 to W5, .* or a file'
if [ $quick = no ]; then
    hg 0 bench W3:encode; line W3 encode 934400
    hg 0 bench W4; line W4 train 102057984
    hg 0 bench W5:encode; line W5 encode 89653248
    hg 0 bench gaussians -s train.batch=64; line gaussians train 2688
    hg 0 bench gaussians:encode -s train.batch=64 -s model.encoder='dense 4 tanh'
    line gaussians encode 64
fi
if [ "${HG_TESTS:-}" = long ]; then
    hg 0 bench
    [ "$(grep -c . out)" = 6 ] || fail "bench: not six workloads"
    line W1 train 336; line W2a train 1248256; line W2b train 657280
    line W3 train 4803584; line W4 train 102057984; line W5 train 580386816
    hg 0 bench W2; [ "$(grep -c . out)" = 2 ] || fail "W2 is not W2a and W2b"
fi

finish
