#!/bin/sh
# Equal bytes: any number of threads, AVX2 and AVX-512, the same seed again.
. "$(dirname "$0")/lib.sh"

# equal NAME ARGUMENT...: a run with 1, 2 and 7 threads, and with each instruction set.
equal()
{
    name=$1
    shift
    hg 0 train -q -t 1 "$@" -o "$name-1.safetensors"
    for threads in 2 7; do
        hg 0 train -q -t $threads "$@" -o "$name-$threads.safetensors"
        same "$name-1.safetensors" "$name-$threads.safetensors"
    done
    for isa in avx2 avx512; do
        export HOURGLASS_ISA=$isa
        if "$program" --print-config >out 2>err; then
            hg 0 train -q "$@" -o "$name-$isa.safetensors"
            same "$name-1.safetensors" "$name-$isa.safetensors"
        else
            echo "no $isa here: $(cat err)"
        fi
    done
    unset HOURGLASS_ISA
    if [ "$name" = tiny ]; then
        HOURGLASS_ISA=base "$program" train -q "$@" -o "$name-base.safetensors" || fail "base"
        differ "$name-1.safetensors" "$name-base.safetensors"
    fi
    hg 0 train -q "$@" --seed 2 -o "$name-seed.safetensors"
    differ "$name-1.safetensors" "$name-seed.safetensors"
}

# Which one is said here, whatever the whole suite is run with.
unset HOURGLASS_ISA
equal tiny -s data.source=gaussians -s model.encoder='dense 4 tanh' --steps 100
equal digits -s data.limit=500 -s model.loss=bce --steps 40
equal odd -s data.source=gaussians -s gaussians.dims=37 -s train.batch=13 \
    -s model.encoder='dense 21 bn gelu, dense 9 dropout 0.2 elu' -s model.code='3 gaussian' \
    -s train.corrupt='gaussian 0.1' -s train.optimizer=nesterov --steps 60
[ $quick = yes ] || equal wide -s data.limit=700 -s train.batch=128 \
    -s model.encoder='dense 512 lrelu, dense 128 lrelu' -s model.decoder=tied --steps 30

finish
