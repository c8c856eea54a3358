#!/bin/sh
# Experiment files: places in messages, strictness, what is effective.
. "$(dirname "$0")/lib.sh"

: >empty.ini
hg 0 --print-config empty.ini; shows '^source += builtin:digits .*default'
cp out defaults
hg 0 --print-config; same out defaults

# What is printed is an experiment again, with the same values.
hg 0 --print-config -s train.lr=0.125 -s model.code='3 tanh' -s data.limit=50
cp out round.ini
hg 0 --print-config round.ini
sed 's/ *;.*//' round.ini >before
sed 's/ *;.*//' out >after
same before after

wrong()
{
    printf "$1" >wrong.ini
    hg 2 train wrong.ini; one_line; says "^hourglass: wrong.ini:$2: "
}
wrong '[train]\nlr = fast\n' '2: lr'
wrong '[train]\nlr = 0\n' '2: lr'
wrong '[train]\nlr = 1e999\n' '2: lr'
wrong '[train]\nlr = 0x10z\n' '2: lr'
wrong '\n[train]\nspeed = 1\n' '3: speed'
wrong '[brain]\nlr = 1\n' '1'
wrong '[train]\nlr = 1\nlr = 1\n' '3: lr'
wrong '[model]\nencoder = dense\n' '2: encoder'
wrong '[model]\nencoder = dense 4 tanh, wobble 3\n' '2: encoder'
wrong '[model]\ncode = 0\n' '2: code'
wrong '[model]\nloss = hinge\n' '2: loss'
wrong '[data]\nvalidation = 1\n' '2: validation'
wrong '[data]\nscale = 0..2\n' '2: scale'
wrong '[train]\nschedule = cosine\n' '2: schedule'
wrong '[train]\ncorrupt = mask 2\n' '2: corrupt'
wrong '[train]\nsave_every = often\n' '2: save_every'
wrong '[train]\nshuffle = maybe\n' '2: shuffle'
wrong '[train]\nbatch = -1\n' '2: batch'

# Layers over several lines; comments; -s over the file.
printf '[model]\nencoder = dense 8 tanh,\n    dense 4\ncode = 2 ; two\n' >long.ini
hg 0 --print-config long.ini; shows '^encoder += dense 8 tanh, *dense 4'
hg 0 --print-config long.ini -s model.code=5; shows '^code += 5 .*set'

# The user's own file: [screen] only.
mkdir -p config/hourglass
printf '[screen]\nfps = 7\n' >config/hourglass/config.ini
hg 0 --print-config; shows '^fps += 7'
hg 0 --print-config -s screen.fps=9; shows '^fps += 9'
printf '[screen]\nfps = 7\n[train]\nlr = 1\n' >config/hourglass/config.ini
hg 2 --print-config; one_line; says 'config.ini:3'
rm -r config

# Paths are relative to the file.
mkdir sub
printf '1,2\n3,4\n5,7\n' >sub/d.csv
printf '[data]\nsource = d.csv\n' >sub/x.ini
hg 0 train -q --steps 1 sub/x.ini -o x.safetensors

finish
