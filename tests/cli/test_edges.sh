#!/bin/sh
# The edges: each trains or is refused in one clear line.
. "$(dirname "$0")/lib.sh"

numbers()
{
    if grep -Eiq '(^|[^a-z])(nan|inf)([^a-z]|$)' out; then fail "$last: not a number"; fi
}
trains()
{
    hg 0 train -q "$@" --steps 20 --force -o edge.safetensors
    hg 0 info edge.safetensors; numbers
}
refused()
{
    expected=$1
    shift
    hg "$expected" train -q "$@" --steps 20 --force -o refused.safetensors; one_line
    [ ! -e refused.safetensors ] || fail "$*: refused, but there is a run"
}

printf '1,2,3\n' >one_sample.csv
trains one_sample.csv
trains one_sample.csv -s data.validation=0.5
trains one_sample.csv -s model.encoder='dense 3 bn tanh'
printf '1\n2\n3\n4\n' >one_feature.csv
trains one_feature.csv -s model.code=1
trains one_feature.csv -s data.scale=standard
printf '5,5\n5,5\n5,5\n5,5\n' >constant.csv
for scale in none 0..1 -1..1 standard; do
    trains constant.csv -s data.scale=$scale
done
# Where nothing can be compared `check` says so.
for file in one_sample.csv constant.csv; do
    hg 0 check "$file" -s model.encoder=none; numbers; shows ' - +zero$'
    shows '^trial .* of the mean 0$'
done
printf '1e30,1\n2e30,2\n' >large.csv
hg 0 check large.csv -s model.encoder=none; shows ' - +overflow$'
printf '1,2,3\n2,3,4\n5,1,0\n' >three.csv
trains three.csv -s train.batch=1000
trains three.csv -s train.batch=0
trains three.csv -s train.batch=1
trains three.csv -s model.code=50
trains three.csv -s model.code=none -s model.encoder='dense 2 tanh'
trains three.csv -s model.encoder=none -s model.code=1
trains three.csv -s data.limit=1
trains three.csv -s data.validation=0
trains three.csv -s data.validation=0.9
trains gaussians -s gaussians.points=1 -s gaussians.clusters=1
trains gaussians -s gaussians.dims=1 -s gaussians.spread=0
trains builtin:faces -s data.limit=3 -s data.size=7x5
trains builtin:digits -s data.size=1x1 -s data.limit=20

# What cannot be, in one line each.
: >empty.csv
refused 3 empty.csv
printf '1,2\n3\n' >ragged.csv
refused 3 ragged.csv; says 'ragged.csv'
printf '1,2\n3,nan\n' >nan.csv
refused 3 nan.csv
printf '1,2\n3,\n' >missing.csv
refused 3 missing.csv
mkdir nothing
refused 3 nothing
printf 'no data at all' >noise.bin
refused 3 noise.bin
printf '\211PNG\r\n\032\n' >cut.png
refused 3 cut.png
printf '\0\0\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >huge.idx
refused 3 huge.idx
refused 1 gone.csv
refused 2 three.csv -s data.shape=5x5
refused 2 three.csv -s data.labels=column:9
refused 2 three.csv -s data.only=7
refused 2 three.csv -s model.loss=bce
# Nor bce of what leaves 0..1, wherever that was said.
for output in linear tanh relu 'dense 64 sigmoid softplus'; do
    refused 2 -s data.limit=20 -s data.size=8x8 -s model.loss=bce -s model.output="$output"
    says 'model.loss: bce needs an output in 0\.\.1, .* leaves it; .* model.output = sigmoid'
done
trains -s data.limit=20 -s data.size=8x8 -s model.loss=bce -s model.output='dense 64 relu tanh'
printf '[model]\nloss = bce\noutput = linear\n' >bce.ini
refused 2 bce.ini -s data.limit=20; says ' bce.ini:2: loss: bce needs an output'
hg 2 check bce.ini -s data.limit=20; one_line
printf '0,0.5\n1,0.25\n0.5,1\n' >unit.csv
refused 2 unit.csv -s model.loss=bce; says "'linear' leaves it"
trains unit.csv -s model.loss=bce -s model.output=sigmoid
# A file beyond a limit of pixels or samples is refused with 3; where no file is at fault: 1.
refused 3 three.csv --max-samples 2; says '3 samples; the limit is 2 \(--max-samples'
refused 1 --max-samples 5; says '4000 samples; the limit is 5'
refused 1 --max-pixels 700; says '28x28 pixels; the limit is 700 pixels'
refused 1 --max-memory 1M; says '\(--max-memory'
refused 1 three.csv --max-memory 10; says '\(--max-memory'
refused 1 three.csv --max-memory 16K; says "need [0-9]* KiB, 16 KiB may"
gzip -c three.csv >three.csv.gz
refused 1 three.csv.gz --max-memory 10; says '\(--max-memory'
mkfifo pipe
refused 1 pipe
if [ "$(id -u)" != 0 ]; then
    chmod 000 three.csv
    refused 1 three.csv
fi

finish
