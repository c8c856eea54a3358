#!/bin/sh
# EXPERIMENTS 2, 3 and 4 as a user runs them: experiment files, weights in a
# .safetensors file written here, figures from the log; every seed with HG_TESTS=long.
# Needs python3.
[ -z "${HG_SANITIZED:-}" ] || exit 77 # long, and unit tests walk the same ways
. "$(dirname "$0")/../cli/lib.sh"
python=$(command -v python3) || exit 77
case $quick${HG_TESTS:-} in
yes*) trap_seeds=2 walk_seeds=1 ;;
nolong) trap_seeds=20 walk_seeds=8 ;;
*) trap_seeds=5 walk_seeds=2 ;;
esac

# weights.py FILE "NAME=ROWSxCOLUMNS=VALUES"...: a file of weights from elsewhere.
cat >weights.py <<'END'
import json, struct, sys
header, raw = {}, b''
for argument in sys.argv[2:]:
    name, shape, values = argument.split('=')
    data = b''.join(struct.pack('<f', float(v)) for v in values.split())
    header[name] = {'dtype': 'F32', 'shape': [int(s) for s in shape.split('x')],
                    'data_offsets': [len(raw), len(raw) + len(data)]}
    raw += data
text = json.dumps(header).encode()
open(sys.argv[1], 'wb').write(struct.pack('<Q', len(text)) + text + raw)
END
# The tensors of a run file, one line each: name and values.
cat >tensors.py <<'END'
import json, struct, sys
bytes = open(sys.argv[1], 'rb').read()
size = struct.unpack('<Q', bytes[:8])[0]
for name, entry in json.loads(bytes[8:8 + size]).items():
    if name != '__metadata__' and entry['dtype'] == 'F32':
        begin, end = entry['data_offsets']
        values = struct.unpack('<%df' % ((end - begin) // 4), bytes[8 + size + begin:8 + size + end])
        print(name, *('%.9g' % v for v in values))
END

# evaluated ARGUMENT...: trains, leaves the figure in $loss
evaluated()
{
    rm -f log.jsonl
    hg 0 train -q --force -o run.safetensors --log log.jsonl "$@"
    loss=$(sed -n 's/.*"evaluated":\([^,]*\),.*/\1/p' log.jsonl)
}
# near VALUE EXPECTED RELATIVE WHAT
near()
{
    awk -v value="$1" -v wanted="$2" -v within="$3" 'BEGIN {
        error = value - wanted; if (error < 0) error = -error
        size = wanted < 0 ? -wanted : wanted
        exit !(value != "" && error <= within * size) }' || fail "$4: $1, not $2"
}
less()
{
    awk -v value="$1" -v bound="$2" 'BEGIN { exit !(value != "" && value + 0 < bound + 0) }' ||
        fail "$3: $1 is not below $2"
}
# gradients RATE "NAME VALUES..."...: (start - after one step) / rate
gradients()
{
    rate=$1
    shift
    for expected in "$@"; do
        name=${expected%% *}
        grep "^$name " start.txt >one; grep "^$name " after.txt >two
        paste -d ' ' one two | awk -v wanted="${expected#* }" -v rate="$rate" '{
            n = split(wanted, want, " ")
            if (NF != 2 * n + 2) exit 1
            for (i = 1; i <= n; i++) {
                error = ($(i + 1) - $(n + 2 + i)) / rate - want[i]
                if (error > 2e-6 || error < -2e-6) exit 1
            } }' || fail "gradient of $name: $(cat one two)"
    done
}

# 2. stack-gradient
cat >stack.csv <<'END'
.5488135,.71518937
.60276338,.54488318
.4236548,.64589411
.43758721,.891773
.96366276,.38344152
END
"$python" weights.py stack-start.safetensors \
    'encoder.0.weight=2x2=.417022 .00011437 .72032449 .30233257' \
    'encoder.0.bias=2=.14675589 .09233859' \
    'decoder.0.weight=2x2=.18626021 .39676747 .34556073 .53881673' \
    'decoder.0.bias=2=.41919451 .6852195' \
    'decoder.2.weight=2x2=.20445225 .02738759 .87811744 .67046751' \
    'decoder.2.bias=2=.4173048 .55868983' || exit 99
cat >stack.ini <<'END'
[data]
source = stack.csv
center = no
scale = none
validation = 0
[model]
encoder = dense 2 sigmoid
code = none
decoder = dense 2 sigmoid
output = linear
loss = sse
init = stack-start.safetensors
[train]
optimizer = sgd
lr = 0.1
batch = 0
END
evaluated stack.ini --steps 0
near "$loss" .58456091 1e-6 "stack-gradient: cost"
floor=$(sed -n 's/.*"mean_floor":\([^,]*\),.*/\1/p' log.jsonl)
near "$floor" .0336119677 1e-6 "stack-gradient: mean floor"
floor=$(sed -n 's/.*"pca_floors":\[\([^],]*\).*/\1/p' log.jsonl)
near "$floor" .0026546800 1e-5 "stack-gradient: PCA-1 floor"
"$python" tensors.py run.safetensors >start.txt
evaluated stack.ini --steps 1
"$python" tensors.py run.safetensors >after.txt
gradients 0.1 'encoder.0.weight .0115323841 .011584746 .0191580177 .0194557431' \
    'encoder.0.bias .0188271289 .031501354' \
    'decoder.0.weight .1177668411 .1321237101 .0727695607 .0816379522' \
    'decoder.0.bias .1965652602 .1213452146' \
    'decoder.2.weight -.0113745326 -.0128786302 .7234683012 .8164733125' \
    'decoder.2.bias -.0157725778 1.0491846337'
for line in 1000:.03370 10000:.03348 20000:.03135 30000:.00266 50000:.00262; do
    evaluated stack.ini --steps ${line%:*}
    near "$loss" ${line#*:} 0.02 "stack-gradient: cost after ${line%:*} steps"
done

# 3. mean-trap
printf '.37853141,1\n.59747807,1\n' >trap.csv
printf '.95023264,1\n' >row.csv
"$python" weights.py trap-start.safetensors 'encoder.0.weight=1x2=.5488135039 .7151893664' \
    'decoder.0.weight=2x1=.6027633761 .544883183' \
    'decoder.2.weight=2x2=.4236547993 .4375872113 .6458941131 .8917730008' || exit 99
sed -e 's/stack.csv/trap.csv/; s/^encoder.*/encoder = dense 1 sigmoid/' \
    -e 's/^init.*/init = uniform 0 1/; s/^loss.*/loss = sse\nbias = no/; s/^lr.*/lr = 1/' \
    stack.ini >trap.ini
evaluated trap.ini --init trap-start.safetensors --steps 0
near "$loss" .0090821021 1e-6 "mean-trap: cost"
trap=$(sed -n 's/.*"mean_floor":\([^,]*\),.*/\1/p' log.jsonl)
near "$trap" .0059922050 1e-6 "mean-trap: mean floor"
"$python" tensors.py run.safetensors >start.txt
evaluated trap.ini --init trap-start.safetensors --steps 1
"$python" tensors.py run.safetensors >after.txt
gradients 1 'encoder.0.weight -.0013725506 -.0022834062' \
    'decoder.0.weight -.0061395562 -.0093141129' \
    'decoder.2.weight .0187457663 .0184481254 -.0451200162 -.0443720773'
seed=0
while [ $seed -lt $trap_seeds ]; do
    seed=$((seed + 1))
    evaluated trap.ini --seed $seed -s train.lr=0.001 --steps 10000
    less "$(awk -v a="$trap" 'BEGIN { print 0.9 * a }')" "$loss" "mean-trap, seed $seed: not stuck"
    evaluated trap.ini --seed $seed --steps 20000
    less "$loss" 1e-6 "mean-trap, seed $seed: not solved"
    evaluated trap.ini --seed $seed -s data.source=row.csv -s train.lr=0.1 --steps 10000
    less "$loss" 1e-7 "one row, seed $seed"
done

# 4. optimizers on θ²/2: one sample 0, whose only moving parameter is the output's bias
printf '0\n' >zero.csv
"$python" weights.py theta.safetensors 'encoder.0.weight=1x1=0' 'encoder.0.bias=1=0' \
    'decoder.0.weight=1x1=0' 'decoder.0.bias=1=1' || exit 99
for line in 'sgd .9 .81 .729 .6561 .59049' 'momentum .99 .9711 .944379 .91088631 .8716340259' \
    'rmsprop 0 0 0 0 0' 'adam .900000001 .8004122297 .7015862745 .6039390627 .5079636619'; do
    set -- $line
    optimizer=$1 step=0
    shift
    for wanted in "$@"; do
        step=$((step + 1))
        evaluated zero.csv -s data.validation=0 -s model.encoder=none -s model.code=1 \
            -s model.loss=sse -s train.optimizer=$optimizer -s train.lr=0.1 -s train.batch=0 \
            --init theta.safetensors --steps $step
        "$python" tensors.py run.safetensors | awk -v wanted=$wanted '$1 == "decoder.0.bias" {
            error = $2 - wanted; found = error < 3e-7 && error > -3e-7 } END { exit !found }' ||
            fail "$optimizer after $step steps: not $wanted"
    done
done

# 4. clusters: the curve walks down the rungs
cat >clusters.ini <<'END'
[data]
source = gaussians
validation = 0
[gaussians]
dims = 4
points = 100
spread = 0.1
center.1 = 0.8 0.3 0.5 0
center.2 = 0 0.5 0.3 0.8
center.3 = -0.3 -0.8 0 -0.5
center.4 = -0.5 0 -0.8 -0.3
[model]
encoder = dense 6 tanh
code = 2 tanh
decoder = dense 5 tanh
output = tanh
init = normal 0.1
[train]
optimizer = sgd
lr = 0.2
batch = 32
epochs = 600
END
# rungs: epochs within 10 % of the mean, PCA-1, PCA-2; the end over PCA-2
rungs()
{
    tr -d '[]}' <log.jsonl | tr ',' '\n' | awk -F : '
        /"mean_floor"/ { rung[0] = $2 }
        /"pca_floors"/ { rung[1] = $2; getline; rung[2] = $1 }
        /"event"/ { epoch = $2 == "\"epoch\"" }
        /"train"/ && epoch { for (k = 0; k < 3; k++) {
            error = $2 - rung[k]; if (error < 0) error = -error
            if (error <= 0.1 * rung[k]) near[k]++ } }
        /"evaluated"/ { last = $2 }
        END { print near[0] + 0, near[1] + 0, near[2] + 0, last / rung[2] }'
}
seed=0
while [ $seed -lt $walk_seeds ]; do
    seed=$((seed + 1))
    evaluated clusters.ini --seed $seed
    rungs >walk
    echo "clusters, seed $seed: $(cat walk)"
    awk '{ exit !($1 >= 5 && $2 >= 20 && $3 >= 20 && $4 < 0.35) }' walk ||
        fail "clusters, seed $seed: $(cat walk)"
    evaluated clusters.ini --seed $seed -s model.init=auto -s train.optimizer=adam \
        -s train.lr=0.003 -e 300
    rungs | awk '{ exit !($4 < 0.35) }' || fail "clusters with adam, seed $seed: $(rungs)"
done
evaluated clusters.ini -s model.init=auto -s train.optimizer=adam -e 1000 -s train.lr=0.001 \
    -s model.encoder='dense 6' -s model.code=2 -s model.decoder='dense 5' -s model.output=linear
rungs | awk '{ exit !($4 < 1.02 && $4 > 0.9999) }' || fail "linear clusters: $(rungs)"
finish
