#!/bin/sh
# samples.sh - every sample trains, says what it is, and is handed out.
#
# The numbers that must come out of them are in tests/cli/test_samples.sh.
. "$(dirname "$0")/cli/lib.sh"
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$program")" && pwd)}

listed=$(tr -s ' \\\n' ' ' <"$top/Makefile.am")
found=0
for sample in "$top"/samples/*; do
    name=${sample##*/}
    case $listed in
    *" samples/$name "*) ;;
    *) fail "samples/$name is not among the sample_files of Makefile.am" ;;
    esac
done
for sample in "$top"/samples/*.ini; do
    name=$(basename "$sample" .ini)
    found=$((found + 1))
    # Its first line says what it shows.
    head -n 1 "$sample" | grep -q '^; [A-Z].*[a-z]' || fail "$name.ini does not begin with its story"
    hg 0 train --print-config "$sample"
    set --
    if [ "$name" = mnist ]; then
        data=$shared/data/mnist/t10k-images-idx3-ubyte.gz
        [ -f "$data" ] || { echo "no MNIST: mnist.ini was not trained"; continue; }
        set -- -s "data.source=$data"
    fi
    hg 0 train "$sample" "$@" --steps 3; says "saved to $name.safetensors"
    hg 0 info "$name.safetensors"; shows '^step +3$'
    hg 0 train -q --steps 6 --resume "$name.safetensors"; silent
    # Wider ones take long to check; their kinds of layers are the same.
    case $name in
    clusters | iris | mean-trap | stack-gradient)
        hg 0 check "$sample"; shows '^PCA-1 +'; shows ' right$' ;;
    esac
done
[ $found -ge 8 ] || fail "only $found samples"
# With the labels beside the images, and below PCA-2 after two epochs.
if [ $quick = no ] && [ -f "$shared/data/mnist/t10k-images-idx3-ubyte.gz" ]; then
    hg 0 train -q "$top/samples/mnist.ini" -e 2 --force --log log.jsonl \
        -s "data.source=$shared/data/mnist/t10k-images-idx3-ubyte.gz"
    sed -n 's/.*"event":"end".*"evaluated":\([^,]*\).*/\1/p' log.jsonl |
        awk '{ exit !($1 < 0.0554) }' || fail "mnist.ini: not below PCA-2 after two epochs"
fi
# iris: patience ends it, below what a linear code can do.
hg 0 train "$top/samples/iris.ini" --force --log iris.jsonl; says 'no better validation loss'
awk -F '[][,:]' '/"event":"start"/ { for (i = 1; i < NF; i++) if ($i == "\"pca_floors\"") two = $(i + 3) }
    /"event":"end"/ { for (i = 1; i < NF; i++) if ($i == "\"evaluated\"") end = $(i + 1) }
    END { exit !(end > 0 && end < two) }' iris.jsonl || fail "iris.ini is not below PCA-2"

finish
