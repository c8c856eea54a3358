#!/bin/sh
# The experiments with known numbers: every plateau where it must be.
. "$(dirname "$0")/lib.sh"
# Long, and its threads are those of other tests.
[ -z "${HG_SANITIZED:-}" ] || exit 77
samples=$(cd "$(dirname "$program")" && pwd)
samples=${HG_SOURCE_DIR:-$(cd "$samples" && pwd)}/samples

# end SAMPLE ARGUMENT...: trains it; $evaluated, $mean, $pca1, $pca2 are then known.
end()
{
    sample=$1
    shift
    rm -f log.jsonl
    hg 0 train -q "$samples/$sample.ini" "$@" --log log.jsonl --force -o run.safetensors
    evaluated=$(sed -n 's/.*"event":"end".*"evaluated":\([^,]*\).*/\1/p' log.jsonl)
    mean=$(sed -n 's/.*"mean_floor":\([^,]*\),.*/\1/p' log.jsonl)
    pca1=$(sed -n 's/.*"pca_floors":\[\([^],]*\).*/\1/p' log.jsonl)
    pca2=$(sed -n 's/.*"pca_floors":\[[^],]*,\([^],]*\).*/\1/p' log.jsonl)
}
# holds EXPRESSION: awk's word on it.
holds()
{
    awk "BEGIN { exit !($*) }" </dev/null || fail "$last: not so: $*"
}
near()
{
    holds "($1) - ($2) <= ($3) * ($2) && ($2) - ($1) <= ($3) * ($2)"
}

# of ALL SOME FEW: seeds with HG_TESTS=long, by default, and where it must be quick; selftest has
# them all too.
of()
{
    case $quick${HG_TESTS:-} in
    yes*) echo "$3" ;;
    nolong) echo "$1" ;;
    *) echo "$2" ;;
    esac
}

# 2. stack-gradient: the cost at known steps; the floors.
end stack-gradient --steps 0
near "$evaluated" 0.58456091 1e-5
near "$mean" 0.0336119677 1e-6
near "$pca1" 0.0026546800 1e-6
for pair in 1000:.03370 10000:.03348 20000:.03135 30000:.00266 50000:.00262; do
    end stack-gradient --steps ${pair%:*}
    near "$evaluated" ${pair#*:} 0.02
done

# 3. mean-trap: stuck with a small budget, solved with a large one, from every seed.
end mean-trap --steps 0
near "$mean" 0.0059922050 1e-6
holds "$pca1 < 1e-12"
seeds=$(of 20 3 3)
seed=1
while [ $seed -le $seeds ]; do
    end mean-trap --seed $seed
    holds "$evaluated > 0.9 * $mean"
    end mean-trap --seed $seed -s train.lr=1 -e 20000
    holds "$evaluated < 1e-6"
    seed=$((seed + 1))
done
printf '.95023264,1\n' >row.csv
seed=1
while [ $seed -le $seeds ]; do
    end mean-trap --seed $seed -s data.source=row.csv -s train.lr=0.1
    holds "$evaluated < 1e-7"
    seed=$((seed + 1))
done

# 4. clusters: down the rungs, epoch by epoch.
seeds=$(of 8 2 1)
seed=1
while [ $seed -le $seeds ]; do
    end clusters --seed $seed
    holds "$evaluated < 0.35 * $pca2"
    sed -n 's/.*"event":"epoch".*"train":\([^,]*\),.*/\1/p' log.jsonl |
        awk -v mean="$mean" -v one="$pca1" -v two="$pca2" '
            function on(rung) { return $1 >= 0.9 * rung && $1 <= 1.1 * rung }
            on(mean) { a++ }
            on(one) && a >= 5 { b++ }
            on(two) && b >= 20 { c++ }
            END { exit !(a >= 5 && b >= 20 && c >= 20) }' ||
        fail "clusters, seed $seed: does not rest on every rung"
    end clusters --seed $seed -s model.init=auto -s train.optimizer=adam -s train.lr=0.003 -e 300
    holds "$evaluated < 0.35 * $pca2"
    end clusters --seed $seed -s model.init=auto -s train.optimizer=adam -s train.lr=0.001 -e 1000 \
        -s model.encoder='dense 6' -s model.code=2 -s model.decoder='dense 5' -s model.output=linear
    near "$evaluated" "$pca2" 0.02
    seed=$((seed + 1))
done
end clusters -e 1 -s model.output=sigmoid
hg 0 train "$samples/clusters.ini" -e 1 -s model.output=sigmoid --force -o run.safetensors
says '0\.\.1 cannot reach'

# 1. two-digits: the default learns; the trap does not.
seeds=$(of 8 3 1)
seed=1
while [ $seed -le $seeds ]; do
    end two-digits --seed $seed
    holds "$evaluated < 0.001"
    seed=$((seed + 1))
done
end two-digits -s data.center=no -s model.output_bias=zero
holds "$evaluated > 0.5 * $mean"

# First impression: below PCA-2 by epoch 10, from every seed.
seeds=$(of 5 2 1)
seed=1
while [ $seed -le $seeds ]; do
    end digits --seed $seed -e 10
    holds "$evaluated < $pca2"
    seed=$((seed + 1))
done

# 5. conv5: on MNIST where it is at hand, else, and with HG_TESTS=long, on as many built-in digits.
digits=$shared/data/mnist/t10k-images-idx3-ubyte.gz
floor16()
{
    sed -n 's/.*"pca_floors":\[\([^]]*\)\].*/\1/p' log.jsonl | cut -d , -f 16
}
# Without vectors of eight it would take minutes.
short=$quick
[ "${HOURGLASS_ISA:-}" = base ] && short=yes
if [ $short = yes ] || { [ -f "$digits" ] && [ "${HG_TESTS:-}" != long ]; }; then
    end conv5 -s data.limit=640 -e 4
    holds "$evaluated < $(floor16)"
else
    end conv5 -e 3
    holds "$evaluated < 0.5 * $(floor16)"
fi
if [ $short = no ] && [ -f "$digits" ]; then
    end conv5 -e 3 -s "data.source=$digits"
    near "$(floor16)" 0.0261455 1e-4
    holds "$evaluated < 0.5 * 0.0260"
    end conv5-code -e 5 -s "data.source=$digits"
    holds "$evaluated < $(floor16)"
    rm -f log.jsonl
    hg 0 train -q --resume run.safetensors -e 10 --log log.jsonl
    evaluated=$(sed -n 's/.*"event":"end".*"evaluated":\([^,]*\).*/\1/p' log.jsonl)
    holds "$evaluated < 0.6 * 0.0260"
fi

finish
