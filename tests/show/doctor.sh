#!/bin/sh
# The doctor as a user meets it: check names the cause of every failure of EXPERIMENTS in its
# first line, train --log writes it down, and healthy runs on real data raise no alarm.
. "$(dirname "$0")/../cli/lib.sh"
# A minute or two of training in one thread: nothing that an instrumented program would find here
# and not in the unit tests.
[ -z "${HG_SANITIZED:-}" ] || exit 77
samples=${HG_SOURCE_DIR:-$(dirname "$program")}/samples

# first KIND FILE SETTING...: the first finding of check
first()
{
    kind=$1 file=$2
    shift 2
    hg 0 check "$samples/$file.ini" "$@"
    found=$(sed -n 's/^  1 . \([a-z_]*\).*/\1/p' out)
    [ "$found" = "$kind" ] || fail "check $file $*: '$found' first, not $kind"
    shows '^trial +[0-9]+ step'
}
# logged KIND ARGUMENT...: the first diagnosis in the log of a run
logged()
{
    kind=$1
    shift
    rm -f log.jsonl
    hg "${expected_status:-0}" train -q --force -o run.safetensors --log log.jsonl "$@"
    found=$(sed -n 's/.*"event":"diagnosis".*"kind":"\([a-z_]*\)".*/\1/p' log.jsonl | head -n 1)
    [ "$found" = "$kind" ] || fail "train $*: '$found' first in the log, not '$kind'"
    tail -n 1 log.jsonl | grep -q '"event":"end"' || fail "train $*: the end is not last"
}

trap_="-s data.center=no -s model.output_bias=zero"
first step_too_large two-digits $trap_
shows 'lr [|]x[|] = 4\.1'; shows 'set center = yes'; shows 'saturated in encoder'; shows 'mean_collapse: C ='
first output_range clusters -s model.output=sigmoid; shows '0\.\.1 cannot reach -'
first budget_too_small mean-trap; shows 'raise lr from 0.001 to 1,'
first step_too_large digits -s train.lr=1 -s data.limit=500
first not_a_bottleneck digits -s model.code=64 -s data.size=8x8 -s data.limit=500
shows '^diagnosis +no fault; 1 note$'; shows '64 code values for 64 inputs'
hg 0 check -s data.limit=500; shows '^diagnosis +all is well$'

logged step_too_large "$samples/two-digits.ini" $trap_
logged budget_too_small "$samples/mean-trap.ini"
logged output_range "$samples/clusters.ini" -s model.output=sigmoid -e 5
logged on_rung "$samples/stack-gradient.ini"; grep -q '"advice":"On PCA-1' log.jsonl || fail "not on PCA-1"
expected_status=4 logged step_too_large -s data.source=gaussians -s model.output=linear \
    -s train.optimizer=sgd -s train.lr=1000000 --steps 50
grep -q '"kind":"diverged"' log.jsonl || fail "log: no diverged"

# The log's doctor looks and touches nothing.
hg 0 train -q -s data.limit=500 -e 4 --force -o one.safetensors --log one.jsonl
hg 0 train -q -s data.limit=500 -e 4 --force -o two.safetensors
cmp -s one.safetensors two.safetensors || fail "with a log the run is another"

# ---- healthy runs ----

[ -d "$shared/data" ] || finish
# well EPOCHS ARGUMENT...: nothing in the log but remarks, at the beginning and at the end
well()
{
    epochs=$1
    shift
    for e in 1 $epochs; do
        rm -f log.jsonl
        hg 0 train -q --force -o run.safetensors --log log.jsonl -e $e "$@"
        grep '"event":"diagnosis"' log.jsonl |
            grep -v '"kind":"on_rung"\|"kind":"not_a_bottleneck"' >alarms
        [ ! -s alarms ] || fail "train -e $e $*: $(head -n 1 alarms)"
    done
}
data=$shared/data seeds=1
[ "${HG_TESTS:-}" = long ] && seeds="1 2 3"
for seed in $seeds; do
    well 300 "$data/iris/iris.csv" --seed $seed
    well 300 "$data/wine/wine_data.csv" --seed $seed
    well 300 "$data/wine/wine_data.csv" -s data.scale=standard --seed $seed
    well 20 "$data/digits/digits.csv.gz" --seed $seed
    [ $quick = yes ] && continue
    well 2 "$data/mnist/t10k-images-idx3-ubyte.gz" --seed $seed
    well 2 "$data/fashion-mnist/t10k-images-idx3-ubyte.gz" --seed $seed
    well 5 "$data/noto-emoji/32" --seed $seed
done
finish
