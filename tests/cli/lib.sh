# lib.sh - for tests of the program: run it, look at exit status, stdout and stderr.
set -u
program=${HOURGLASS:-$(cd "$(dirname "$0")/../.." && pwd)/hourglass}
shared=${HG_SHARED:-$(cd "$(dirname "$0")/../.." && pwd)/../shared}
quick=no
[ "${HG_TESTS:-${TESTS:-}}" = quick ] && quick=yes
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
export XDG_CONFIG_HOME="$scratch/config" XDG_STATE_HOME="$scratch/state"
failures=0 count=0

fail()
{
    failures=$((failures + 1))
    echo "FAIL: $*"
    sed 's/^/    stdout: /' out 2>/dev/null | head -n 5
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}

# hg STATUS ARGUMENT...: runs the program, expects the exit status.
hg()
{
    expected=$1
    shift
    last="hourglass $*"
    count=$((count + 1))
    timeout 100 "$program" "$@" >out 2>err </dev/null
    status=$?
    [ $status = "$expected" ] || fail "$last: exit status $status, not $expected"
}

# The last run's standard error (says) or output (shows) has a line like this.
says()
{
    grep -Eq -- "$1" err || fail "$last: does not say: $1"
}
shows()
{
    grep -Eq -- "$1" out || fail "$last: does not show: $1"
}
silent()
{
    [ ! -s err ] || fail "$last: should say nothing"
}
# Every message begins with the program's name, and it is one line.
one_line()
{
    [ "$(grep -c '' err)" = 1 ] && grep -q '^hourglass: ' err ||
        fail "$last: should say one line that begins 'hourglass: '"
}

# await COMMAND...: until it succeeds; only what never comes has to wait so long.
await()
{
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -le 2000 ] || { fail "it never comes: $*"; return 1; }
        sleep 0.05
    done
}

# begin ARGUMENT...: the program in the background, as $child. It hears a hang-up even
# where the tests themselves do not (nohup).
begin()
{
    env --default-signal=HUP "$program" "$@" >out 2>err </dev/null &
    child=$!
}
gone()
{
    ! kill -0 $child 2>/dev/null
}
# ends STATUS: what was begun ends by itself.
ends()
{
    last="what ran in the background"
    count=$((count + 1))
    await gone || kill -KILL $child
    wait $child
    status=$?
    [ $status = "$1" ] || fail "$last: exit status $status, not $1"
}

same()
{
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}
differ()
{
    cmp -s "$1" "$2" && fail "$1 and $2 are the same"
}

finish()
{
    echo "$count runs, $failures failures"
    [ $failures = 0 ] || exit 1
    exit 0
}
