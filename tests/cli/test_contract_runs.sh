#!/bin/sh
# What a run says while it trains and what its log holds: every field, how often, how many.
. "$(dirname "$0")/lib.sh"

small="-s data.source=gaussians -s gaussians.points=3"

# The fields of every event, in the order of the contract.
number='-?[0-9][0-9.e+-]*'
hg 0 train -q $small -e 2 --log log.jsonl -o log.safetensors
grep -Eq "^\{\"event\":\"start\",\"version\":1,\"config\":\{\"data.source\":\"gaussians\",.*\"screen.mouse\":\"yes\"\},\"parameters\":536,\"samples\":11,\"mean_floor\":$number,\"pca_floors\":\[$number,$number\],\"entropy_floor\":null\}$" log.jsonl ||
    fail "log: start"
grep -Eq "^\{\"event\":\"epoch\",\"epoch\":2,\"step\":2,\"train\":$number,\"validation\":$number,\"lr\":0.001,\"samples_per_s\":$number,\"seconds\":$number\}$" log.jsonl ||
    fail "log: epoch"
grep -Eq "^\{\"event\":\"end\",\"reason\":\"epochs\",\"epoch\":2,\"step\":2,\"train\":$number,\"evaluated\":$number,\"validation\":$number\}$" log.jsonl ||
    fail "log: end"
hg 0 train -q $small -s data.validation=0 --steps 1 --log none.jsonl --force -o log.safetensors
grep -q '"validation":null' none.jsonl || fail "log: validation where there is none"
grep -q '"reason":"steps"' none.jsonl || fail "log: reason steps"
hg 0 train -q -s data.limit=30 -s data.size=4x4 -s model.loss=bce --steps 0 --log bce.jsonl --force \
    -o log.safetensors
grep -Eq "\"entropy_floor\":$number\}" bce.jsonl || fail "log: no entropy floor of bce"

# One floor a code value, at most 64.
for codes in 1:1 5:5 70:64; do
    rm -f floors.jsonl
    hg 0 train -q $small -s gaussians.points=50 -s gaussians.dims=80 -s model.code=${codes%:*} --steps 0 \
        --log floors.jsonl --force -o log.safetensors
    found=$(sed -n 's/.*"pca_floors":\[\([^]]*\)\].*/\1/p' floors.jsonl | tr ',' '\n' | grep -c .)
    [ "$found" = "${codes#*:}" ] || fail "$found floors for a code of ${codes%:*}"
done
# Also where the data have fewer features.
hg 0 train -q $small -s gaussians.dims=2 -s model.code=4 --steps 0 --log few.jsonl --force -o log.safetensors
grep -Eq "\"pca_floors\":\[$number,0,0,0\]" few.jsonl || fail "log: not four floors for a code of 4"

# Epochs: every one to 1,000, each tenth to 10,000, each hundredth beyond, and the last.
hg 0 train -q $small -e 10205 --log long.jsonl -o long.safetensors
sed -n 's/^{"event":"epoch","epoch":\([0-9]*\),.*/\1/p' long.jsonl >found
awk 'BEGIN { for (e = 1; e <= 10205; e++) if (e <= 1000 || e <= 10000 && e % 10 == 0 || e % 100 == 0 || e == 10205) print e }' >wanted
same found wanted
hg 0 info -v long.safetensors
awk '/^ *epoch +step/ { table = 1; next } table && $1 ~ /^[0-9]+$/ { print $1 }' out >found
same found wanted

# Progress elsewhere than on a terminal: a plain line an epoch, at most one a second.
start=$(date +%s)
hg 0 train $small -e 20000 --force -o long.safetensors
lines=$(grep -c '^hourglass: epoch ' err)
[ "$lines" -ge 1 ] && [ "$lines" -le $(($(date +%s) - start + 2)) ] || fail "$lines lines of progress"
grep -q "$(printf '\r')" err && fail "a self-rewriting line without a terminal"
grep -q "$(printf '\033')" err && fail "an escape sequence without a terminal"
# On one it rewrites itself.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    script -qec "'$program' train -s data.limit=400 -e 20 --force -o tty.safetensors" /dev/null \
        >tty </dev/null
    grep -q "$(printf '\r')epoch [0-9]*/20 " tty || fail "no self-rewriting line on a terminal"
    grep -q "$(printf '\033')" tty && fail "an escape sequence in the progress"
fi

# info works while RUN trains, and a second Ctrl-C ends at once.
begin train -q $small -e 1000000000 -s train.save_every='1 steps' --log busy.jsonl -o busy.safetensors
await [ -e busy.safetensors ]
for again in 1 2 3 4 5; do
    hg 0 info busy.safetensors; shows '^step +[0-9]+'
done
kill -INT $child
ends 130
if [ $quick = no ]; then
    # Steps of many seconds: the first asks, the second does not wait.
    rm -f busy.jsonl
    begin train -q -t 1 -s data.limit=6000 -s train.batch=0 -s data.size=40x40 --steps 10 \
        -s model.encoder='dense 2000 tanh, dense 2000 tanh' --log busy.jsonl -o slow.safetensors
    await grep -qs start busy.jsonl
    sleep 0.5
    kill -INT $child
    sleep 0.3
    if kill -0 $child 2>/dev/null; then
        kill -INT $child
        ends 130
        # Not saved, so it did not wait for the step.
        [ ! -e slow.safetensors ] || fail "second Ctrl-C: saved"
    else
        echo "a step was too quick to be interrupted twice"
        wait $child
    fi
fi

# An output that stands there is not overwritten by a run that is not its own.
hg 0 train -q $small --steps 1 -o mine.safetensors
cp mine.safetensors before
hg 1 train -q $small --steps 2 -o mine.safetensors; one_line; says '--force'
same mine.safetensors before

finish
