#!/bin/sh
# docs.sh - the commands of README.md and docs/experiments.md are run as they stand.
#
# Indented lines that begin `hourglass` or `./hourglass` with train, check, info, selftest, or
# with a file of samples/, which is then trained for three steps without its screen;
# printf lines prepare files; one that finds something wrong says `# exit status 1`.
# Links must point to files that exist.
. "$(dirname "$0")/cli/lib.sh"
top=${HG_SOURCE_DIR:-$(cd "$(dirname "$program")" && pwd)}
ln -s "$top/samples" samples
mkdir bin && ln -s "$program" bin/hourglass
PATH="$scratch/bin:$PATH"

# Each line by a shell of its own, its outputs removed, so that it can be typed in any order.
try()
{
    line=$(echo "$1" | sed 's/^ *//; s/ *#.*//; s|^\./hourglass|hourglass|')
    case $line in
    'hourglass train '* | 'hourglass check '* | 'hourglass info '* | 'hourglass selftest '* | 'printf '*) ;;
    'hourglass samples/'*) line="hourglass train --steps 3 ${line#hourglass }" ;;
    *) return ;;
    esac
    case $line in
    *--resume*) ;; # goes on with the line before it
    'hourglass train '*) rm -f ./*.safetensors ;;
    esac
    wanted=0
    case $1 in
    *'# exit status 1'*) wanted=1 ;;
    esac
    count=$((count + 1))
    sh -c "$line" >out 2>err </dev/null
    ended=$?
    [ $ended = $wanted ] || fail "$2: ends with status $ended: $line"
}

for page in README.md docs/experiments.md; do
    before=$count
    grep -E '^    [^ ]' "$top/$page" >lines
    while read -r line; do
        try "$line" "$page"
    done <lines
    [ $((count - before)) -ge 4 ] || fail "$page: only $((count - before)) commands were found"
done

# Links to files.
for page in README.md CONTRIBUTING.md NEWS docs/*.md; do
    cd "$top" || exit 99
    for page in $page; do
        grep -oE '\]\([^)#:]+' "$page" | sed 's/](//' | while read -r link; do
            [ -e "$(dirname "$page")/$link" ] || echo "$page: $link is not there"
        done
    done
done >"$scratch/broken"
cd "$scratch" || exit 99
while read -r line; do fail "$line"; done <broken

finish
