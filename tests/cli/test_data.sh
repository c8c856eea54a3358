#!/bin/sh
# Real data: every set beside the checkout trains or is refused with a reason; MNIST gets
# below what a linear code can do. And the edges that need files of their own.
. "$(dirname "$0")/lib.sh"
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$program")" && pwd)}

holds()
{
    awk "BEGIN { exit !($*) }" </dev/null || fail "$last: not so: $*"
}
# trains ARGUMENT...: eight steps, and what is then known is no NaN.
trains()
{
    rm -f log.jsonl
    hg 0 train "$@" --steps 8 --log log.jsonl --force -o data.safetensors
    evaluated=$(sed -n 's/.*"event":"end".*"evaluated":\([^,]*\).*/\1/p' log.jsonl)
    holds "${evaluated:--1} >= 0"
}
# refused STATUS ARGUMENT...: in one line that names the file.
refused()
{
    expected=$1
    shift
    hg "$expected" train -q "$@" --steps 8 --force -o refused.safetensors; one_line
    says "${1##*/}"
    [ ! -e refused.safetensors ] || fail "$*: refused, but there is a run"
}

# ---- made here ----

# 60,000 samples, drawn and made up.
trains -s data.source=gaussians -s gaussians.points=15000; says '60000 samples'
trains -s data.limit=60000 -s data.size=6x6; says '60000 samples'
holds "$(grep -c '"event":"end"' log.jsonl) == 1"

# A grey PNG of one pixel.
grey()
{
    printf '\211PNG\015\012\032\012\000\000\000\015IHDR\000\000\000\001\000\000\000\001\010'
    printf '\000\000\000\000:~\233U\000\000\000\012IDATx\234c\010\000\000\000R\000Q\367!\331\267'
    printf '\000\000\000\000IEND\256B`\202'
}
mkdir pictures
grey >pictures/a.png
grey >pictures/b.png
trains pictures; says '2 samples of 1 value'
if [ -f "$top/docs/hourglass.png" ]; then
    cp "$top/docs/hourglass.png" pictures/c.png
    trains pictures; says '1 of 3 resampled to 1x1'
    trains pictures -s data.size=5x3; says '3 samples of 45 values'
    hg 3 train -q pictures --max-pixels 4 -o refused.safetensors; one_line; says 'max-pixels'
    trains "$top/docs/hourglass.png" -s data.size=8x4; says '1 sample of 96 values'
    head -c 3000 "$top/docs/hourglass.png" >pictures/d.png
    refused 3 pictures; says '1 of 4'; says 'd.png'
fi

# ---- beside the checkout ----

data=$shared/data
if [ ! -d "$data" ]; then
    echo "no $data: its sets were not trained"
    finish
fi
trains "$data/digits/digits.csv.gz" -s data.labels=column:-1; says '1797 samples of 64 values'
trains "$data/iris/iris.csv" -s data.labels=column:-1; says '150 samples of 4 values'
says 'encoder: .*chosen for 4 features'
trains "$data/wine/wine_data.csv" -s data.labels=column:-1; says '178 samples of 13 values'
trains "$data/fashion-mnist/t10k-images-idx3-ubyte.gz"; says '10000 samples of 784 values'
says 'labels from t10k-labels'
[ $quick = yes ] || { trains "$data/fashion-mnist/train-images-idx3-ubyte.gz" -s model.encoder='dense 8'
    says '60000 samples of 784'; }
small="-s data.size=12x12 -s model.encoder=none"
for folder in noto-emoji/32 noto-emoji/72 twemoji/72x72; do
    trains "$data/$folder" $small; says 'samples of 432 values'
done
# Arrays: each trains, or says in one line why not.
trained=0 said=0
for array in "$data"/npy-samples/*.np[yz]; do
    count=$((count + 1))
    last="train $array"
    "$program" train -q "$array" -s model.encoder=none --max-memory 1G --steps 2 --force -o array.safetensors \
        >out 2>err </dev/null
    case $? in
    0) trained=$((trained + 1)) ;;
    2 | 3) said=$((said + 1)); one_line; says "${array##*/}" ;;
    *) fail "$last: neither trained nor refused" ;;
    esac
done
[ $trained -ge 3 ] && [ $said -ge 3 ] || fail "arrays: $trained trained, $said refused"

# PngSuite through the program: the 14 broken ones are refused, the others train.
broken=0
for picture in "$data"/pngsuite/png/x*.png; do
    broken=$((broken + 1))
    refused 3 "$picture"
done
[ $broken = 14 ] || fail "PngSuite: $broken broken pictures, not 14"
whole=0
if [ $quick = no ]; then
    for picture in "$data"/pngsuite/png/[!x]*.png; do
        whole=$((whole + 1))
        hg 0 train -q "$picture" -s model.encoder=none --steps 1 --force -o picture.safetensors
    done
    [ $whole = 161 ] || fail "PngSuite: $whole whole pictures, not 161"
fi

# MNIST: below PCA-2 after two epochs, below 0.047 after five, by mse and (long) by bce.
mnist=$data/mnist/t10k-images-idx3-ubyte.gz
net="-s data.source=$mnist -s model.output=sigmoid -s data.validation=0"
layers='dense 512 lrelu, dense 128 lrelu'
# mse_of: of the weights of mnist.safetensors, whatever they were trained by.
mse_of()
{
    rm -f mse.jsonl
    hg 0 train -q $net -s model.encoder="$layers" --init mnist.safetensors --steps 0 --log mse.jsonl \
        --force -o mse.safetensors
    mse=$(sed -n 's/.*"event":"end".*"evaluated":\([^,]*\).*/\1/p' mse.jsonl)
    floor=$(sed -n 's/.*"pca_floors":\[[^],]*,\([^],]*\).*/\1/p' mse.jsonl)
}
seeds=1 losses=mse
[ "${HG_TESTS:-${TESTS:-}}" = long ] && seeds='1 2 3 4 5' losses='mse bce'
[ $quick = yes ] && seeds=
for seed in $seeds; do
    for loss in $losses; do
        hg 0 train -q $net -s model.encoder="$layers" -s model.loss=$loss --seed $seed -e 2 --force \
            -o mnist.safetensors
        mse_of
        holds "$floor > 0.0555 && $floor < 0.0556 && $mse < $floor"
        hg 0 train -q --resume mnist.safetensors -e 5
        mse_of
        holds "$mse < 0.047"
        echo "MNIST, $loss, seed $seed: $mse after five epochs"
    done
done

finish
