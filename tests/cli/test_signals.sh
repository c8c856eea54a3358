#!/bin/sh
# hourglass train and signals: finishes the step, saves, ends with 128+N; USR1; held runs.
. "$(dirname "$0")/lib.sh"

# start FILE ARGUMENT...: training that does not end by itself, in the background.
start()
{
    file=$1
    shift
    begin train -e 1000000000 -o "$file" -s data.source=gaussians --log "$file.jsonl" "$@"
    await grep -qs '"epoch"' "$file.jsonl"
}

# A signal asks for a progress line: it has come, so it was alive when it got all before it.
told()
{
    [ "$(grep -c '' err)" -gt "$lines" ]
}
tells()
{
    lines=$(grep -c '' err)
    kill -USR1 $child
    await told
}

for signal in INT:130 TERM:143 HUP:129; do
    name=${signal%:*}
    start "$name.safetensors"
    kill -"$name" $child
    ends ${signal#*:}
    hg 0 info "$name.safetensors"
    tail -n 1 "$name.safetensors.jsonl" | grep -q '"reason":"signal"' || fail "$name: not logged"
    # It goes on from there.
    step=$(sed -n 's/^step  *//p' out)
    hg 0 train -q --resume "$name.safetensors" --steps $((step + 3))
    hg 0 info "$name.safetensors"; shows "^step +$((step + 3))\$"
done

# A hang-up is nothing to one that was detached.
start detached.safetensors -q --detach
kill -HUP $child
tells
kill -TERM $child
ends 143

# Progress on demand.
start usr1.safetensors -q
tells

# One at a time; reading is free.
last="second process"
timeout 100 "$program" train -q --force -s data.source=gaussians --steps 1 -o usr1.safetensors 2>err2
[ $? = 1 ] || fail "a held run was trained by a second process"
grep -q "process $child" err2 || fail "the message lacks the process id: $(cat err2)"
kill -INT $child
ends 130
hg 0 train -q --resume usr1.safetensors -e 1

# Also by another name.
ln -s usr1.safetensors link.safetensors
start link.safetensors -q --force
hg 1 train -q --force -s data.source=gaussians --steps 1 -o usr1.safetensors
says "process $child"
kill -INT $child
ends 130

# A killed process holds nothing.
start killed.safetensors
kill -KILL $child
wait $child 2>/dev/null
hg 0 train -q -s data.source=gaussians --steps 1 -o killed.safetensors --force

finish
