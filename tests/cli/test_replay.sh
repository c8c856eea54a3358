#!/bin/sh
# A run again from its log: equal bytes; what is no log, or another run, is refused.
. "$(dirname "$0")/lib.sh"
# Long, and its threads are those of other tests.
[ -z "${HG_SANITIZED:-}" ] || exit 77

clusters="-s data.source=gaussians -s gaussians.dims=5 -s gaussians.center.2='0.1 -0.2 0.3 0 0'"

four='-s data.source=gaussians -s gaussians.points=40 -s model.encoder=none' steps=20

hg 0 train -q --steps 300 -s data.limit=300 --log a.jsonl -o a.safetensors
hg 0 replay a.jsonl -o a2.safetensors
says 'a.jsonl: 300 steps, 0 changes made live'
says '300 steps again: train .*, as the log says; saved to a2.safetensors'
same a.safetensors a2.safetensors
hg 1 replay a.jsonl -o a2.safetensors
says 'a2.safetensors: exists; --force'
hg 0 replay -q -t 1 --force a.jsonl -o a2.safetensors
silent
same a.safetensors a2.safetensors
hg 0 replay a.jsonl --print-config
shows 'limit  *= 300'
hg 1 replay a.jsonl # a.safetensors, the name of the log, is there
cp a.jsonl c.jsonl
hg 0 replay -q c.jsonl
same a.safetensors c.safetensors

# Everything an experiment can have in it: made-up data, own weights, patience, words.
eval "hg 0 train -q --seed 7 -e 30 --log b.jsonl -o b.safetensors $clusters \
    -s model.encoder='dense 7 bn lrelu:0.2, dropout 0.1' -s model.code='2 gaussian' \
    -s train.optimizer=rmsprop -s train.corrupt='salt 0.1' -s train.schedule='warmup 5, cosine 20' \
    -s train.patience=4"
hg 0 replay -q b.jsonl -o b2.safetensors
same b.safetensors b2.safetensors
hg 0 train -q --steps 40 -s data.limit=300 --init a.safetensors --log d.jsonl -o d.safetensors
hg 0 replay -q d.jsonl -o d2.safetensors
same d.safetensors d2.safetensors

# A log that goes on after a resumed run is one run; its second half alone is none.
hg 0 train -q --steps 50 -s data.limit=300 --log e.jsonl -o e.safetensors
hg 0 train -q --steps 90 --resume e.safetensors -s train.lr=0.002 --log e.jsonl
hg 0 replay e.jsonl -o e2.safetensors
says '90 steps, 1 change '
same e.safetensors e2.safetensors
hg 0 train -q --steps 99 --resume e.safetensors --log f.jsonl
hg 2 replay f.jsonl
says 'taken up at step 90 from /.*e.safetensors'
one_line

# Taken up with another optimizer, whose state starts anew, after a change and without.
for first in '' '-s train.lr=0.002'; do
    hg 0 train -q $four --steps 9 --log o.jsonl -o o.safetensors --force
    [ -z "$first" ] || hg 0 train -q --steps 20 --resume o.safetensors $first --log o.jsonl
    for name in momentum nesterov rmsprop sgd adamw; do
        hg 0 train -q --steps $((steps += 7)) --resume o.safetensors \
            -s train.optimizer=$name --log o.jsonl
        hg 0 replay -q o.jsonl -o o2.safetensors --force
        same o.safetensors o2.safetensors
    done
    rm o.jsonl
done

# A run that was killed: up to the last line; half a line is left out.
grep -v '"end"' a.jsonl >g.jsonl
printf '{"event":"epo' >>g.jsonl
hg 0 replay g.jsonl -o g.safetensors
says 'the log ends within the run'

# Another run than the log says.
sed 's/"evaluated":0\.0/"evaluated":0.1/' a.jsonl >h.jsonl
hg 1 replay h.jsonl -o h.safetensors
says 'h.jsonl: another run: evaluated .*, the log says 0.1'

# What is no log.
hg 1 replay none.jsonl
says 'none.jsonl'
one_line
hg 3 replay a.safetensors -o x
one_line
echo 'hello' >i.jsonl
hg 3 replay i.jsonl
says 'i.jsonl:1: not a line of a log'
printf '{"event":"end","step":3}\n' >i.jsonl
hg 3 replay i.jsonl
says 'does not begin with a start'
sed 's/"version":1/"version":2/' a.jsonl >i.jsonl
hg 3 replay i.jsonl
says 'i.jsonl:1: of another version'
: >i.jsonl
hg 3 replay i.jsonl
says 'holds no run'
{ cat a.jsonl; echo '{"event":"change","step":300,"key":"weather","from":"","to":"rain"}'; } >i.jsonl
hg 2 replay i.jsonl
says "a change of 'weather', which this version does not know"
sed 's/"model.code":"2"/"model.code":"0"/' a.jsonl >i.jsonl
hg 2 replay i.jsonl
one_line
{ head -n 3 a.jsonl; printf '\0\0\n'; tail -n +4 a.jsonl; } >i.jsonl
hg 3 replay i.jsonl
says 'i.jsonl:4: not a line of a log'
hg 2 replay
says 'LOG is missing'
hg 2 replay a.jsonl --steps 5
hg 2 replay a.jsonl -s train.lr=1
says 'repeats what the log says'
hg 2 replay a.jsonl -e 3

finish
