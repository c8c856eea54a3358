#!/bin/sh
# hourglass train: names, overwriting, ends, resume, --init, log, held runs.
. "$(dirname "$0")/lib.sh"

small="-s data.source=gaussians -s model.code=2 -s train.batch=16"

# Names: digits for the built-in, else the operand's.
hg 0 train -q --steps 2 -s data.limit=50; silent
[ -f digits.safetensors ] || fail "no digits.safetensors"
printf '[data]\nsource = gaussians\n' >four.ini
hg 0 train four.ini --steps 2; says 'saved to four.safetensors'
printf '1 2\n' >/dev/null
printf 'a,b\n1,2\n3,4\n6,5\n7,1\n' >table.csv
hg 0 train -q table.csv --steps 2
[ -f table.safetensors ] || fail "no table.safetensors"
gzip -k table.csv && rm table.csv
hg 1 train -q table.csv.gz --steps 2; one_line; says 'table.safetensors: exists'
hg 0 train -q table.csv.gz --steps 2 --force
hg 0 train -q builtin:faces --steps 1 -s data.limit=20
[ -f faces.safetensors ] || fail "no faces.safetensors"

# Never overwritten; a folder that is not there; a folder in its place.
hg 1 train -q four.ini --steps 3; one_line; says 'exists.*--force'
hg 0 train -q four.ini --steps 3 --force
hg 1 train -q four.ini --steps 3 -o no/where.safetensors; one_line; says 'No such file'
mkdir folder
hg 1 train -q four.ini --steps 3 -o folder; one_line
mkfifo fifo
hg 1 train -q four.ini --steps 3 -o fifo --force; one_line; says 'fifo: not a regular file'
[ -p fifo ] || fail "a run file in the place of a pipe"
ln -s nothing link
hg 1 train -q four.ini --steps 3 -o link; one_line; says 'link: a symbolic link to nothing'
[ -h link ] || fail "a run file in the place of a link"

# Ends: --steps alone sets no epoch limit; with both, the first; 20 epochs without any.
hg 0 train $small --steps 1500 -o a.safetensors; says ' 1500 steps'
hg 0 train $small --steps 1500 -e 2 -o b.safetensors; says '^hourglass: 2 epochs'
hg 0 train $small -o c.safetensors; says '^hourglass: 20 epochs'
hg 0 train $small --steps 0 -o zero.safetensors; says ' 0 steps'
hg 0 train $small -s train.stop_epsilon=1e9 -o d.safetensors; says 'converged'

# Resume equals uninterrupted, at any step, in the middle of an epoch or not.
hg 0 train -q $small --steps 200 -o whole.safetensors
for at in 1 7 56 57 113 199; do
    hg 0 train -q $small --steps $at -o part.safetensors --force
    hg 0 train -q --resume part.safetensors --steps 200
    same whole.safetensors part.safetensors
done
hg 0 train -q $small --steps 100 -o part.safetensors --force
hg 0 train -q --resume part.safetensors --steps 200 -o other.safetensors
same whole.safetensors other.safetensors
differ part.safetensors other.safetensors
hg 1 train -q --resume part.safetensors --steps 200 -o other.safetensors; says exists
hg 0 train -q part.safetensors --steps 200
same whole.safetensors part.safetensors

# FILE beside --resume must agree in [data] and [model]; -s may change [train].
printf '[data]\nsource = gaussians\n[train]\nbatch = 16\n[model]\ncode = 2\n' >same.ini
printf '[data]\nsource = gaussians\n[model]\ncode = 3\n' >code.ini
printf '[data]\nsource = gaussians\n[gaussians]\ndims = 5\n' >dims.ini
hg 0 train -q same.ini --resume part.safetensors --steps 210
# The command that began a run, with its own -s, goes on with it.
hg 0 train -q same.ini -s data.limit=50 --steps 5 -o own.safetensors
hg 0 train -q same.ini -s data.limit=50 --steps 9 --resume own.safetensors
hg 2 train -q same.ini --steps 12 --resume own.safetensors; one_line; says 'data.limit'
hg 1 train -q same.ini -o same.ini --force --steps 1; one_line; says "is the input"
printf 'a,b\n1,2\n3,4\n6,5\n7,1\n' >values.csv
printf '[data]\nsource = values.csv\n' >values.ini
hg 1 train -q values.ini -o values.csv --force --steps 1; one_line; says "is the input"
# A run needs no more the weights that its experiment began with.
hg 0 train -q same.ini --steps 3 -o began.safetensors
printf '[data]\nsource = gaussians\n[model]\ninit = began.safetensors\n' >began.ini
hg 0 train -q began.ini --steps 3 -o from.safetensors
rm began.safetensors
hg 0 train -q began.ini --steps 5 --resume from.safetensors
hg 1 train -q began.ini --steps 5 -o from2.safetensors; one_line; says 'began.safetensors'
# Compared to their end, however long they are.
long() { awk -v n="$1" -v word="$2" 'BEGIN { while (n--) printf "%s", word }'; }
printf '[data]\nsource = gaussians\n[gaussians]\nclusters = 1\npoints = 9\ndims = 1300\ncenter.1 =%s\n' \
    "$(long 1300 ' 0.12345')" >centre.ini
sed '$s/5$/6/' centre.ini >centre2.ini
hg 0 train -q centre.ini --steps 1 -o centre.safetensors
hg 0 train -q centre.ini --steps 2 --resume centre.safetensors
hg 0 train -q --steps 3 --resume centre.safetensors
hg 2 train -q centre2.ini --steps 4 --resume centre.safetensors; one_line; says gaussians
printf '[data]\nsource = gaussians\n[gaussians]\npoints = 9\n[model]\nencoder = %sdense 2\n' \
    "$(long 1300 'dense 2, ')" >deep.ini
sed '$s/2$/3/' deep.ini >deep2.ini
hg 0 train -q deep.ini --steps 1 -o deep.safetensors
hg 0 train -q deep.ini --steps 1 --resume deep.safetensors
hg 2 train -q deep2.ini --steps 1 --resume deep.safetensors; one_line; says model.encoder
hg 2 train -q code.ini --resume part.safetensors --steps 220; one_line; says 'model.code'
hg 2 train -q dims.ini --resume part.safetensors --steps 220; one_line; says 'gaussians.dims'
hg 2 train -q --resume part.safetensors -s model.code=3; one_line; says 'model.code'
hg 2 train -q --resume part.safetensors --seed 5; one_line; says 'model.seed'
hg 0 train -q --resume part.safetensors -s train.lr=0.01 --steps 220
hg 2 train -q --resume part.safetensors --init whole.safetensors; one_line
hg 3 train -q --resume four.ini; one_line
hg 1 train -q --resume gone.safetensors; one_line; says 'No such file'

# Data that moved: beside the run, or -s data.source.
mkdir there
printf 'a,b\n1,2\n3,4\n6,5\n7,1\n' >there/m.csv
hg 0 train -q there/m.csv --steps 2 -o m.safetensors
mv there/m.csv there/n.csv
hg 1 train -q --resume m.safetensors --steps 4; one_line; says '-s data.source=PATH'
hg 0 train -q --resume m.safetensors --steps 4 -s data.source=there/n.csv -o n.safetensors
mv there/n.csv m.csv
hg 0 train --resume m.safetensors --steps 4
# Data that changed under a run: said, or refused when they do not fit; the file is not at fault.
if grep -q 'have changed' err; then fail "$last: the data are the same"; fi
printf 'a,b\n1,2\n3,4\n6,5\n7,3\n' >m.csv
hg 0 train --resume m.safetensors --steps 5; says 'the data have changed since'
hg 0 train --resume m.safetensors --steps 6
if grep -q 'have changed' err; then fail "$last: it was saved with these"; fi
printf 'a,b,c\n1,2,0\n3,4,0\n6,5,0\n7,3,0\n' >m.csv
hg 2 train -q --resume m.safetensors --steps 7; one_line; says 'm.csv: has 3 values a sample now'
printf 'a,b\n1,2\n3,4\n6,5\n7,3\n' >m.csv
# The same layers, spelt otherwise.
hg 0 train -q m.csv -s model.encoder='dense 3 tanh, dense 2' --steps 2 -o spelt.safetensors
printf '[data]\nsource = m.csv\n[model]\nencoder = dense   3 tanh ,dense\t2\n' >spelt.ini
hg 0 train -q spelt.ini --resume spelt.safetensors --steps 3
hg 0 train -q --resume spelt.safetensors -s model.encoder='dense  3  tanh,dense 2' --steps 4
hg 2 train -q --resume spelt.safetensors -s model.encoder='dense 32' --steps 5; says 'model.encoder'
rm -r there

# What a process that was killed while saving has left goes with the next save there; what a
# living one writes, or a dead one of another machine just now, stays.
sh -c 'exit 0' &
dead=$!
wait $dead
mkdir saves
for left in $dead-0 $dead-1 $$-0 $dead-x; do
    : >"saves/.hourglass-$left"
done
touch -d '2 minutes ago' saves/.hourglass-$dead-0 saves/.hourglass-$$-0 saves/.hourglass-$dead-x
hg 0 train -q m.csv --steps 1 -o saves/m.safetensors
[ ! -e saves/.hourglass-$dead-0 ] || fail "left behind by a dead process, and it stays"
for left in $dead-1 $$-0 $dead-x; do
    [ -e "saves/.hourglass-$left" ] || fail ".hourglass-$left is gone"
done

# --init: these weights alone. After no step the weights are the given ones.
hg 0 train -q $small --init whole.safetensors --steps 0 -o init.safetensors
hg 0 train -q $small --init whole.safetensors --steps 0 -s model.init=he --seed 3 -o init2.safetensors
hg 2 train -q $small -s model.code=4 --init whole.safetensors -o init3.safetensors; one_line
hg 3 train -q $small --init four.ini -o init3.safetensors; one_line

# Log: one object a line, start, epochs, end.
hg 0 train -q $small -e 3 --log run.jsonl -o log.safetensors
[ "$(head -n 1 run.jsonl | cut -c 1-27)" = '{"event":"start","version":' ] || fail "log: no start"
[ "$(grep -c '^{"event":"epoch",' run.jsonl)" = 3 ] || fail "log: not 3 epochs"
tail -n 1 run.jsonl | grep -q '"event":"end","reason":"epochs","epoch":3' || fail "log: no end"
events()
{
    grep -v '^{"event":"diagnosis"' run.jsonl | grep -c ''
}
lines=$(events)
hg 0 train -q --resume log.safetensors -e 4 --log run.jsonl
# Again a start, from which run it goes on, an epoch and an end.
[ "$(events)" = $((lines + 4)) ] || fail "log: not appended to"
grep -q '^{"event":"change",.*"key":"resume",.*log.safetensors"' run.jsonl || fail "log: no resume"
# Nothing but a log is appended to.
cp four.ini kept.ini
hg 1 train -q four.ini --steps 1 --log four.ini -o log2.safetensors; one_line; says 'is no log'
hg 1 train -q four.ini --steps 1 --log log.safetensors -o log2.safetensors; one_line; says 'is no log'
hg 2 train -q --resume log.safetensors -e 5 --log log.safetensors; one_line; says 'where the run'
same four.ini kept.ini
hg 2 train -q four.ini --steps 1 --log log2.safetensors -o log2.safetensors; one_line
[ ! -e log2.safetensors ] || fail "$last: left something"
# What is said is lost where standard error is closed: it does not go into the log.
last='train <&- 2>&-'
"$program" train $small -e 1 --log closed.jsonl -o closed.safetensors <&- 2>&- || fail "$last"
[ "$(grep -c '' closed.jsonl)" = "$(grep -c '^{"event":' closed.jsonl)" ] || fail "$last: log"
"$program" train -q $small -e 1 -o closed2.safetensors >&- || fail "train >&-: writes nothing there"
hg 1 train -q $small -e 1 --log no/where.jsonl -o log2.safetensors; one_line

# Divergence: exit 4, the last good weights are saved.
hg 4 train $small -s train.optimizer=sgd -s train.lr=1000000 -s model.encoder='dense 8 relu' \
    --log div.jsonl -o div.safetensors
says 'diverged'
grep -q '"reason":"diverged"' div.jsonl || fail "log: not diverged"
hg 0 info div.safetensors
# They are a state that the run has had, with all that belongs to it: here that before step 1.
printf '700,2\n900,1\n400,3\n500,2\n' >steep.csv
steep="-s data.center=no -s data.validation=0 -s train.optimizer=sgd -s train.lr=1000 -s model.encoder=none"
hg 4 train -q $steep --log steep.jsonl -o steep.safetensors steep.csv; one_line
grep -o 'diverged at step [0-9]*' err >plain.txt
hg 0 train -q $steep --steps 0 -o begun.safetensors steep.csv
cmp -s steep.safetensors begun.safetensors || fail "diverged: what is saved is no state of the run"
grep -q '"reason":"diverged","epoch":0,"step":0,"train":null,"evaluated":[0-9]' steep.jsonl ||
    fail "log: the figures of a diverged end do not belong together"
# The step is the last one made, whether it was the last one to make or not.
step=$(sed 's/.* //' plain.txt)
hg 0 train -q $steep --steps $((step - 1)) -o sound.safetensors steep.csv
hg 4 train -q $steep --steps "$step" -o ended.safetensors steep.csv
grep -o 'diverged at step [0-9]*' err | cmp -s - plain.txt || fail "diverged at another step at an end"
hg 0 train -q --resume steep.safetensors -s train.lr=1e-8 --steps 5 -o on.safetensors
hg 0 train -q $steep -s train.lr=1e-8 --steps 5 -o never.safetensors steep.csv
cmp -s on.safetensors never.safetensors || fail "diverged: going on is not as if it had not"
hg 0 replay -q steep.jsonl -o again.safetensors
cmp -s steep.safetensors again.safetensors || fail "diverged: a replay ends in another state"

# Progress: plain lines, none with -q.
hg 0 train $small -e 2 -o p.safetensors; says '^hourglass: epoch [12]/2 '
hg 0 train -q $small -e 2 -o q.safetensors; silent

# Size limits are told before anything is allocated.
hg 1 train -q -s data.source=gaussians -s model.encoder='dense 2000000000' -o big.safetensors
one_line
hg 1 train -q --max-memory 1M -o big.safetensors; one_line; says '1 MiB'
hg 1 train -q --max-memory 1M -s data.limit=20 -o big.safetensors
one_line; says 'need [1-9][0-9.]* MiB, 1\.0 MiB may be used'

finish
