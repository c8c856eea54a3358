#!/bin/sh
# [lesson] fault: check names it, the log says it, the run file keeps it, bytes stay equal.
[ -z "${HG_SANITIZED:-}" ] || exit 77 # tests/unit/test_fault.c walks the same ways
. "$(dirname "$0")/lib.sh"

set_up="-s data.limit=60 -s data.size=8x8 -s train.batch=20"
gradient='bias-per-weight missing-derivative last-neuron-silent row0-derivative bias-mean-not-sum'
update='adam-multiplies-correction adam-counts-epochs'
[ $quick = yes ] && gradient='missing-derivative bias-mean-not-sum'

hg 0 check $set_up; shows 'all is well'; silent
for fault in $gradient; do
    hg 1 check $set_up -s lesson.fault=$fault; one_line
    says "the gradient of [0-9]+ tensors? is wrong [(]$fault[)]"
    shows "^the bug is $fault: (en|de)coder[.][0-9]+[.](weight|bias) "
    shows '^  1 ! wrong_gradient in '
    shows "-s lesson.fault=none"
done
shows 'is 8 times too small, the samples of the batch' # check looks at 8 of them
for fault in $update; do
    hg 1 check $set_up -s lesson.fault=$fault; one_line
    says "the update is wrong [(]$fault[)]"
    shows '^  1 ! wrong_update in .*: update / formula = '
done

# Where a bug cannot show.
hg 0 check $set_up -s lesson.fault=adam-counts-epochs -s train.optimizer=sgd; silent
shows 'note +lesson.fault = adam-counts-epochs changes nothing here: the optimizer is not adam'
hg 0 check $set_up -s lesson.fault=adam-counts-epochs -s train.batch=0
shows 'note .*an epoch is one step'
hg 0 check $set_up -s lesson.fault=bias-mean-not-sum -s model.bias=no
shows 'note .*there are no biases'

# Outputs that cannot reach the data make no gradient wrong, whatever float32 has left of it; nor do
# numbers that it does not hold.
wine=$shared/data/wine/wine_data.csv
for output in sigmoid tanh; do
    for source in builtin:digits $wine; do
        [ $source = builtin:digits ] || [ -e $source ] || continue
        hg 0 check $source -s data.scale=none -s model.output=$output -s model.seed=3; silent
        shows '^  1 ! output_range: '
    done
done
hg 0 check builtin:digits -s data.scale=none -s data.center=no -s model.encoder=none \
    -s 'model.code=2 gaussian' -s model.init='normal 1'; silent
shows '^encoder.0.weight .* overflow$'
shows '^overflow: float32 does not hold such numbers'

# The log: name and layer; nothing where all is right.
for fault in none $gradient $update; do
    hg 0 train -q $set_up -s lesson.fault=$fault -e 6 --log $fault.jsonl -o $fault.safetensors
done
for fault in $gradient; do
    grep -Eq '"kind":"wrong_gradient","layer":"[^"]+","value":[^,]+,"advice":"[^"]*'$fault $fault.jsonl ||
        fail "$fault.jsonl does not name it"
done
for fault in $update; do
    grep -Eq '"kind":"wrong_update","layer":"[^"]+","value":[^,]+,"advice":"[^"]*'$fault $fault.jsonl ||
        fail "$fault.jsonl does not name it"
done
grep -q '"kind":"wrong_' none.jsonl && fail "a healthy run is blamed"
differ none.safetensors missing-derivative.safetensors

# Kept in the run file; the same bytes for every team, and across save and resume at any step.
kept()
{
    grep -aEq "fault += $1" $2 || fail "$2 does not have fault = $1"
}
kept missing-derivative missing-derivative.safetensors
for fault in missing-derivative adam-counts-epochs bias-mean-not-sum; do
    hg 0 train -q -t 3 $set_up -s lesson.fault=$fault -e 6 -o $fault-3.safetensors
    same $fault.safetensors $fault-3.safetensors
    hg 0 train -q $set_up -s lesson.fault=$fault --steps 7 -o $fault-part.safetensors
    hg 0 train -q --resume $fault-part.safetensors -e 6
    same $fault.safetensors $fault-part.safetensors
done
hg 0 train -q --resume missing-derivative-3.safetensors -s lesson.fault=none -e 7
kept none missing-derivative-3.safetensors
hg 2 check -s lesson.fault=bias-per-wait; one_line; says 'none.*bias-per-weight.*adam-counts-epochs'

finish
