#!/bin/sh
# Every key of an experiment file reaches what it is about: wired right, end to end.
# That the arithmetic behind it is right is for the unit tests and tests/parity.
. "$(dirname "$0")/lib.sh"

four="-s data.source=gaussians -s gaussians.points=40"

# end NAME ARGUMENT...: a short run; its losses are then in the file NAME, the log in NAME.jsonl.
end()
{
    name=$1
    shift
    rm -f "$name.jsonl"
    hg 0 train -q "$@" --log "$name.jsonl" --force -o "$name.safetensors"
    sed -n 's/.*"event":"end".*"step":\([^}]*\)}.*/\1/p' "$name.jsonl" >"$name"
    [ -s "$name" ] || fail "$last: no end in the log"
}
# moves SETTING ARGUMENT...: with it a run ends elsewhere.
moves()
{
    setting=$1
    shift
    end base $four --steps 30 "$@"
    end moved $four --steps 30 "$@" -s "$setting"
    differ base moved
}
# field NAME KEY: a number of the log's last line that has it.
field()
{
    sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p" "$1.jsonl" | tail -n 1
}
holds()
{
    awk "BEGIN { exit !($*) }" </dev/null || fail "$last: not so: $*"
}
near()
{
    holds "($1) - ($2) <= 1e-5 * ($2) && ($2) - ($1) <= 1e-5 * ($2)"
}

# [gaussians]
hg 0 check -s data.source=gaussians -s gaussians.clusters=3 -s gaussians.dims=5 -s gaussians.points=20
shows '^samples +60: 54 '; shows '^values +5 '; shows '^labels +3 '
# Without a spread every sample is its centre: center.K is the one sample, and the mean.
end point -s data.source=gaussians -s gaussians.clusters=1 -s gaussians.dims=2 -s gaussians.points=9 \
    -s gaussians.spread=0 -s gaussians.center.1='0.25 -0.5' --steps 0
near "$(field point mean_floor)" 0
# Two centres a unit apart in one of two dimensions: variance 1/4, halved by the mean over both.
end pair -s data.source=gaussians -s gaussians.clusters=2 -s gaussians.dims=2 -s gaussians.points=50 \
    -s gaussians.spread=0 -s gaussians.center.1='0.5 0.1' -s gaussians.center.2='-0.5 0.1' \
    -s data.validation=0 --steps 0
near "$(field pair mean_floor)" 0.125
end wide -s data.source=gaussians -s gaussians.clusters=1 -s gaussians.dims=2 -s gaussians.points=4000 \
    -s gaussians.spread.1='0.2 0' -s gaussians.center.1='0 0' --steps 0
holds "$(field wide mean_floor) > 0.018 && $(field wide mean_floor) < 0.022"
moves gaussians.spread=0.3

# [data]
printf 'a,b,c,d,kind\n' >table.csv
awk 'BEGIN { for (i = 0; i < 30; i++) print i, i % 7, i % 3, 30 - i, i % 2 ? "odd" : "even" }' |
    tr ' ' , >>table.csv
hg 0 check table.csv; shows '^samples +30: 27 to train, 3 held'; shows '^values +4 '; shows '^labels +2 '
hg 3 check table.csv -s data.labels=none; one_line; says 'line 2, column 5 [(]kind[)]'
cut -d , -f 1-4 table.csv >numbers.csv
hg 0 check numbers.csv; shows '^values +4 '; shows '^labels +none'
hg 0 check numbers.csv -s data.labels=column:c; shows '^values +3 '; shows '^labels +3 '
hg 0 check numbers.csv -s data.labels=column:-2; shows '^labels +3 '
cut -d , -f 3 table.csv >labels.csv
hg 0 check numbers.csv -s data.labels=labels.csv; shows '^values +4 '; shows '^labels +3 '
hg 0 check table.csv -s data.labels=auto; shows '^labels +2 '
hg 0 check table.csv -s data.only=odd; shows '^samples +15'
hg 0 check table.csv -s data.only='odd even each'; shows '^samples +2:'
hg 0 check table.csv -s data.limit=11; shows '^samples +11'
hg 0 check table.csv -s data.validation=0.5; shows '^samples +30: 15 to train, 15 held'
hg 0 check table.csv -s data.shape=2x2; shows '^values +4 .*1 x 2 x 2, an image'
hg 0 check table.csv -s data.scale=0..1; shows '^range +0 to 1.*0\.\.1'
hg 0 check table.csv -s data.scale=-1..1; shows '^range +-1 to 1'
hg 0 check table.csv -s data.scale=standard; shows '^range .*standard'
hg 0 check builtin:digits -s data.limit=20 -s data.size=5x4; shows '^values +20 .*1 x 4 x 5'
hg 0 check builtin:faces -s data.limit=20 -s data.size=5x4; shows '^values +60 .*3 x 4 x 5'
hg 0 check builtin:faces -s data.limit=20 -s data.size=5x4 -s data.channels=1
shows '^values +20 .*1 x 4 x 5'
moves data.center=no
end center $four --steps 1
grep -q '"data.mean"' center.safetensors || fail "no data.mean in the run file"
end plain $four --steps 1 -s data.center=no
grep -q '"data.mean"' plain.safetensors && fail "center = no: there is a data.mean"

# [model]: the layer table and the parameters say it.
hg 0 check $four -s model.encoder='dense 7 tanh' -s model.code='3 relu'
shows '^encoder.0 +dense 7 +7 +49$'; shows '^encoder.3 +relu'; shows '^decoder.0 +dense 7'
hg 0 check $four -s model.encoder=none -s model.decoder='dense 9 elu' -s model.output=tanh
shows '^encoder.0 +dense 2 '; shows '^decoder.0 +dense 9 '; shows '^decoder.3 +tanh'
hg 0 check $four -s model.encoder='dense 7 tanh' -s model.decoder=none
shows '^decoder.0 +dense 6 '; ! grep -q '^decoder.1' out || fail "decoder = none has more layers"
hg 0 check $four -s model.encoder='dense 7 tanh' -s model.decoder=tied; shows '^all +78$'
hg 0 check $four -s model.encoder='dense 7 tanh' -s model.bias=no; shows '^all +112$'
grep -q 'encoder.0.bias' out && fail "bias = no: a bias"
hg 0 check $four -s model.encoder='dense 7 bn dropout 0.5 tanh' -s model.output='dense 6 sigmoid linear'
shows '^encoder.1 +bn'; shows '^encoder.2 +dropout 0.5'; shows '^encoder.3 +tanh'; shows '^decoder.[0-9]+ +sigmoid'
hg 0 check $four -s model.code='2 gaussian'; shows '^encoder.4 .*[ -]4? +36$|^encoder.4 .* 36$'
# Every activation is a module, but linear.
for word in sigmoid tanh relu lrelu lrelu:0.2 elu gelu silu softplus; do
    hg 0 check $four -s model.encoder="dense 5 $word"; shows "^encoder.1 +$word"
    grep -q WRONG out && fail "$word: a wrong gradient"
    end "act-$word" $four --steps 30 -s model.encoder="dense 5 $word"
    end linear $four --steps 30 -s model.encoder='dense 5 linear'
    differ "act-$word" linear
done
hg 0 check $four -s model.encoder='dense 5 linear'; shows '^encoder.1 +dense 2'
for loss in rmse sse; do
    moves model.loss=$loss -s data.scale=0..1
done
moves model.loss=bce -s data.scale=0..1 -s model.output=sigmoid
moves model.beta=0 -s model.code='2 gaussian'
for init in he 'normal 0.3' 'uniform -0.2 0.4'; do
    moves "model.init=$init"
done
end auto $four --steps 5 -s model.encoder='dense 5 tanh'
end glorot $four --steps 5 -s model.encoder='dense 5 tanh' -s model.init=glorot
same auto glorot
end auto $four --steps 5 -s model.encoder='dense 5 relu' -s model.code='2 relu' -s model.output=relu
end he $four --steps 5 -s model.encoder='dense 5 relu' -s model.code='2 relu' -s model.output=relu \
    -s model.init=he
same auto he
# Weights from a file, no step: what that run ended with.
end first $four --steps 50
for how in '-s model.init=first.safetensors' '--init first.safetensors'; do
    end again $four --steps 0 $how
    [ "$(field again evaluated)" = "$(field first evaluated)" ] || fail "$how: other weights"
done
end other $four --steps 0 -s model.init=first.safetensors --seed 1 -s model.init=he
differ other again
# No weights: the output is its bias, the mean or nothing.
for output in linear sigmoid; do
    end mean $four --steps 0 -s model.init='normal 1e-30' -s data.scale=0..1 -s model.output=$output
    near "$(field mean evaluated)" "$(field mean mean_floor)"
done
end zero $four --steps 0 -s model.init='normal 1e-30' -s model.output_bias=zero -s data.scale=0..1
holds "$(field zero evaluated) > 1.5 * $(field zero mean_floor)"
moves model.seed=2
end seed $four --steps 30 --seed 2
same moved seed

# [train]
for optimizer in sgd momentum nesterov rmsprop adamw; do
    more=
    [ $optimizer = adamw ] && more='-s train.weight_decay=0.3' # else it is adam
    moves "train.optimizer=$optimizer" $more
done
moves train.lr=0.01
moves train.beta1=0.5
moves train.beta1=0.5 -s train.optimizer=momentum
moves train.beta2=0.5
moves train.beta2=0.5 -s train.optimizer=rmsprop
moves train.epsilon=0.1
moves train.weight_decay=0.1
moves train.l1=0.1
moves train.clip=0.001 -s train.optimizer=sgd
moves train.sparsity=0.5
for corrupt in 'gaussian 0.3' 'mask 0.5' 'salt 0.5'; do
    moves "train.corrupt=$corrupt"
done
end none $four --steps 30 -s train.corrupt=none
end base $four --steps 30
same base none
# Corrupted first, centred then: all masked, the network sees minus the mean, and can learn the mean
# without a bias; centred first it would see nothing and stay at the mean square, 0.17.
end order -s data.source=gaussians -s gaussians.clusters=1 -s gaussians.dims=2 -s gaussians.spread=0.05 \
    -s gaussians.center.1='0.5 0.3' -s model.encoder=none -s model.code=1 -s model.bias=no \
    -s train.corrupt='mask 1' -s train.lr=0.02 -e 60
holds "$(field order train) < 1.3 * $(field order mean_floor) && $(field order mean_floor) < 0.004"
# 144 samples to train: batches of 32, of all, of 100 and 44.
for batch in 32:5 0:1 100:2 1:144 1000:1; do
    end batch $four -e 1 -s train.batch=${batch%:*}
    holds "$(field batch step) == ${batch#*:}"
done
# In order when not shuffled: from the same weights the seed is then all the same.
plain="table.csv -s data.validation=0 -s train.batch=4"
end start $plain --steps 0
for shuffle in yes no; do
    for seed in 1 2; do
        end $shuffle$seed $plain -s train.shuffle=$shuffle --seed $seed --init start.safetensors \
            --steps 20
    done
done
same no1 no2
differ yes1 yes2
rates()
{
    sed -n 's/.*"event":"epoch".*"lr":\([^,]*\),.*/\1/p' "$1.jsonl" | tr '\n' ' '
}
end step $four -e 6 -s train.lr=0.08 -s train.schedule='step 2 0.5'
[ "$(rates step)" = '0.08 0.08 0.04 0.04 0.02 0.02 ' ] || fail "step 2 0.5: $(rates step)"
end constant $four -e 3 -s train.lr=0.08 -s train.schedule=constant
[ "$(rates constant)" = '0.08 0.08 0.08 ' ] || fail "constant: $(rates constant)"
end cosine $four -e 5 -s train.lr=0.08 -s train.schedule='cosine 4 0.02'
rates cosine | awk '{ exit !(NF == 5 && $1 == 0.08 && $3 > 0.0499 && $3 < 0.0501 && $5 == 0.02) }' ||
    fail "cosine 4 0.02: $(rates cosine)"
end warmup $four -e 3 -s train.lr=0.08 -s train.schedule='warmup 10, step 2 0.5'
rates warmup | awk '{ exit !(NF == 3 && $1 < 0.08 && $2 == 0.08 && $3 == 0.04) }' ||
    fail "warmup 10, step 2 0.5: $(rates warmup)"
end epochs $four -s train.epochs=7
holds "$(field epochs epoch) == 7"
end stop $four -e 1000 -s train.stop_epsilon=1e9
grep -q '"reason":"converged"' stop.jsonl || fail "stop_epsilon: not converged"
end patience $four -e 100000 -s train.lr=0.05 -s train.patience=2
grep -q '"reason":"patience"' patience.jsonl || fail "patience: no end"
hg 0 bench W1 -s train.threads=1; shows '"threads":1,'
hg 0 bench W1 -s train.threads=2; shows '"threads":2,'

# save_every: what a killed run leaves.
for every in '1 steps' '2 epochs' 0.1s end; do
    rm -f killed.safetensors killed.jsonl
    begin train -q $four -e 1000000000 -s "train.save_every=$every" --log killed.jsonl \
        -o killed.safetensors
    if [ "$every" = end ]; then
        await grep -qs '"epoch":1000,' killed.jsonl
        sleep 0.5
    else
        await [ -e killed.safetensors ]
    fi
    kill -KILL $child
    wait $child 2>/dev/null
    last="save_every = $every"
    if [ "$every" = end ]; then
        [ ! -e killed.safetensors ] || fail "$last: saved before the end"
    else
        hg 0 info killed.safetensors; shows '^step +[1-9]'
    fi
done

finish
