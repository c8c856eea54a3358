#!/bin/sh
# hourglass check, info: what they print, and where.
# Gradient checks of the default network, which shorter unit tests walk through as well.
[ -z "${HG_SANITIZED:-}" ] || exit 77
. "$(dirname "$0")/lib.sh"

hg 0 check; silent
shows '^samples +[0-9]+'; shows '^encoder.0 +dense 128'; shows '^decoder.4 +dense 784'
shows '^encoder.0.weight .* right'; shows '^mean +0\.0'; shows '^PCA-2 +0\.0'
grep -q WRONG out && fail "check: a wrong gradient"

hg 0 check -s data.source=gaussians -s model.encoder='dense 7 bn gelu, dense 5 dropout 0.3 softplus' \
    -s model.code='2 gaussian' -s train.sparsity=0.1; silent
grep -q WRONG out && fail "check: a wrong gradient with bn, dropout and a gaussian code"
for loss in mse rmse sse bce; do
    hg 0 check -s data.limit=40 -s data.size=6x6 -s model.loss=$loss; shows "^floor +$loss"
    grep -q WRONG out && fail "check: a wrong gradient of $loss"
done
# Well is where there is nothing to say; and numbers of one.
printf '1,2\n2,1\n' >two.csv
hg 0 check two.csv; shows '^diagnosis +no fault; 1 note$'; shows '^  1   not_a_bottleneck: 2 code values for 2 inputs$'
grep -q 'all is well' out && fail "check: all is well, and advice"
printf '1\n2\n3\n4\n' >one.csv
hg 0 check one.csv -s model.code=1; shows '1 code value for 1 input$'; shows 'a code of 1 value can copy 1 input '
hg 0 check -s data.limit=40 -s data.size=6x6 -s data.only=3; shows '^labels +1 class$'
hg 0 check -s data.limit=40 -s model.loss=bce; shows '^entropy '
hg 2 check -s model.encoder='wobble 3'; one_line
hg 1 check gone.csv; one_line

hg 0 train -q -s data.source=gaussians -e 30 -o g.safetensors
hg 0 info g.safetensors; silent
shows '^epoch +30$'; shows '^step +[0-9]+'; shows '^train +0\.'; shows '^validation +0\.'
shows '^optimizer +adam.* moments'; shows '^encoder.0 +dense'; shows '^\[model\]'; shows '^ +30 +'
shows '^mean +0\.'; shows '^PCA-2 +0\.'
hg 0 info -v g.safetensors
[ "$(grep -cE '^ +[0-9]+ +[0-9]+ +0\.' out)" = 30 ] || fail "info -v: not 30 epochs"
hg 2 info; one_line
hg 1 info gone.safetensors; one_line; says 'No such file'
head -c 3000 g.safetensors >cut.safetensors
hg 3 info cut.safetensors; one_line; says 'cut.safetensors'
{ head -c 3000 g.safetensors; printf x; tail -c +3002 g.safetensors; } >flipped.safetensors
cmp -s g.safetensors flipped.safetensors || { hg 3 info flipped.safetensors; one_line; }
# Without its data a run is told but for the floors.
printf 'a,b,c\n1,2,3\n2,3,5\n4,4,4\n0,1,9\n' >table.csv
hg 0 train -q -s data.validation=0 -e 1 -o table.safetensors table.csv
mv table.csv elsewhere.csv
hg 0 info table.safetensors; silent; shows '^floors +not known: .*table.csv'; shows '^step +1$'
hg 0 info -s data.source=elsewhere.csv table.safetensors; silent; shows '^PCA-1 '
# A run is an experiment too.
hg 0 check g.safetensors; shows '^encoder.0.weight .* right'

finish
