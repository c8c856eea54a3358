#!/bin/sh
# The command line: options everywhere, abbreviations, --, wrong ones; exit statuses.
. "$(dirname "$0")/lib.sh"

hg 0 --version; shows '^hourglass [0-9]+\.[0-9]+'; silent
hg 0 -V; shows '^hourglass '
hg 0 --help; shows '^Usage: hourglass'; shows '--print-config'; silent
hg 0 -h; shows 'train'
hg 0 train --help; shows '^Usage: hourglass train'; shows '--resume'
hg 0 check --help; shows '^Usage: hourglass check'
grep -q -- --resume out && fail "check has no --resume"

# Unknown, ambiguous, without a value, with one too many: exit 2, one line, what helps.
for wrong in --frobnicate -x --s=1 --set --log '--quiet=yes' '-qx' --; do
    [ "$wrong" = -- ] && continue
    hg 2 train "$wrong"; one_line; says "Try 'hourglass train --help'"
done
hg 2 a b; one_line; says "one operand too many"
hg 2 check --output x; one_line; says 'output'
hg 2 check --steps 3; says 'steps'
hg 2 check -e 3; says 'epochs'
hg 2 train --recover; says 'recover'
hg 0 train --help; ! grep -q recover out || fail "$last: promises --recover"
hg 2 train --color blue; one_line; says 'always'
hg 2 train --steps x; one_line
hg 2 train --steps -1; one_line
hg 2 train --max-memory 0; one_line
hg 2 train --max-memory 1Q; one_line
hg 2 train --threads many; one_line; says 'threads'
hg 2 train --seed 1.5; one_line; says 'seed'
hg 2 train -s train.lr; one_line; says 'SECTION.KEY=VALUE'
hg 2 train -s lr=1; one_line
hg 2 train -s train.lr=nan; one_line; says 'train.lr'
hg 2 train -s train.nothing=1; one_line; says 'optimizer'
hg 2 train -s nowhere.lr=1; one_line; says 'train'
hg 2 train --tensorboard dir; one_line; says 'later'

# Options and operands in any order; clusters; abbreviations; =; values attached.
hg 0 --print-config -s train.lr=0.25; shows '^lr += 0.25 .*set'
hg 0 -strain.lr=0.25 --print-config; shows '^lr += 0.25'
hg 0 -qvs train.lr=0.25 --print-config; shows '^lr += 0.25'
hg 0 train --pri --ep=7; shows '^epochs += 7'
hg 0 --print-config train --threads=3; shows '^threads += 3'
hg 0 -t 3 train --print-config --seed 9; shows '^threads += 3'; shows '^seed += 9'
hg 0 train -s train.lr=1 -s train.lr=2 --print-config; shows '^lr += 2 '

# The first operand is a command; a file called like one is ./train or stands after --.
printf '[train]\nlr = 0.5\n' >train
cp train train.ini
hg 0 --print-config ./train.ini; shows '^lr += 0.5 .*train.ini:2'
hg 0 --print-config -- train.ini; shows '^lr += 0.5'
hg 1 -- nothing; one_line; says 'nothing'

# Later commands say so.
for later in encode decode reconstruct export new; do
    hg 2 $later a b -o c --what loss; one_line; says 'later version'
done

# A full disk is no success.
if [ -w /dev/full ]; then
    "$program" --help >/dev/full 2>err && fail "--help to a full disk: exit status 0"
    "$program" --print-config >/dev/full 2>err && fail "--print-config to a full disk: exit status 0"
fi

# The instruction set is checked.
HOURGLASS_ISA=mmx hg 2 train; one_line; says 'base'

finish
