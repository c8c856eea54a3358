#!/bin/sh
# How runs begin and end: a file soon after the start, weights that the last update
# spoilt, a reader of the messages that left, patience and convergence resumed, and
# what is kept of ten thousand epochs.
[ -z "${HG_SANITIZED:-}" ] || exit 77 # long, and unit tests walk the same ways
. "$(dirname "$0")/../cli/lib.sh"

printf '1,2\n3,4\n0,1\n5,3\n' >four.csv
small="four.csv -s data.validation=0 -s train.batch=0 -s model.encoder=none -s model.code=1"

# The update of the last step spoils the weights: no NaN is saved, and it is told.
spoilt="-s data.source=gaussians -s train.optimizer=sgd -s train.lr=1000000"
# Which step that is depends on the rounding of the instruction set.
last_step=1
while "$program" train -q $spoilt --steps $last_step --force -o spoilt.safetensors 2>/dev/null &&
    [ $last_step -lt 10 ]; do
    last_step=$((last_step + 1))
done
for steps in $last_step $((last_step + 1)) 50; do
    rm -f log.jsonl
    hg 4 train $spoilt --steps $steps --force -o spoilt.safetensors --log log.jsonl
    says 'diverged at step'; says 'train.clip'
    grep -q '"event":"end","reason":"diverged"' log.jsonl || fail "$last: log without an end"
    tail -n 1 log.jsonl | grep -q '"evaluated":0\.[0-9]' || fail "$last: evaluated is no number"
    hg 0 train -q $spoilt --steps 0 --init spoilt.safetensors --force -o good.safetensors
done

# An end within the first epoch has a training loss.
rm -f log.jsonl
hg 0 train -q -s data.source=gaussians --steps 3 -o part.safetensors --log log.jsonl
tail -n 1 log.jsonl | grep -q '"epoch":0,"step":3,"train":[0-9]' ||
    fail "the end event has no training loss: $(tail -n 1 log.jsonl)"

# A file is there soon; others may look, but not train; Ctrl-C saves; it goes on.
begin train -q -s data.limit=500 -e 1000000 -o live.safetensors
process=$child
await [ -f live.safetensors ]
hg 0 info live.safetensors; shows "process $process"
hg 1 train -q --resume live.safetensors; one_line; says "process $process"
hg 1 train -q -s data.limit=500 --force -o live.safetensors; one_line; says "process $process"
kill -INT $process
ends 130
hg 0 train -q --resume live.safetensors -e 1
# save_every = end writes once only.
begin train -q -s data.limit=500 -e 1000000 -s train.save_every=end --log late.jsonl \
    -o late.safetensors
await grep -qs '"epoch":2,' late.jsonl
[ ! -f late.safetensors ] || fail "save_every = end: saved before"
kill -TERM $child
ends 143
[ -f late.safetensors ] || fail "SIGTERM: not saved"

# Nobody reads the messages any more: the run is saved all the same.
{
    "$program" train -s data.limit=500 -e 1000000 -o pipe.safetensors 2>&1
    echo $? >status
} | head -n 6 >/dev/null
[ "$(cat status)" = 141 ] || fail "messages to nobody: $(cat status), not 141"
hg 0 info pipe.safetensors

# What patience or stop_epsilon ended stays so when the same command resumes it.
for limit in train.patience=2 train.stop_epsilon=0.001; do
    set -- -q -s data.source=gaussians -s $limit -s train.lr=0.02 -s data.validation=0.3
    hg 0 train "$@" -e 400 -o whole.safetensors --force
    hg 0 info whole.safetensors
    epoch=$(sed -n 's/^epoch *\([0-9]*\)$/\1/p' out)
    [ "$epoch" -lt 400 ] || fail "$limit: did not end the run"
    for cut in 3 $((epoch - 1)) $((epoch)) $((epoch + 5)); do
        hg 0 train "$@" -e $cut -o cut.safetensors --force
        hg 0 train -q --resume cut.safetensors -e 400
        same whole.safetensors cut.safetensors
    done
done

# Every epoch to 1,000, each 10th to 10,000, each 100th after, and the last.
rm -f log.jsonl
hg 0 train -q $small -e 12345 -o long.safetensors --log log.jsonl
[ "$(grep -c '"event":"epoch"' log.jsonl)" = 1924 ] || fail "epoch lines: not 1,924"
tail -n 2 log.jsonl | head -n 1 | grep -q '"epoch":12345,' || fail "the last epoch has no line"
for cut in 999 1000 1005 10055; do
    hg 0 train -q $small -e $cut -o cut.safetensors --force
    hg 0 train -q --resume cut.safetensors -e 12345
    same long.safetensors cut.safetensors
done
finish
