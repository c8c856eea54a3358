#!/bin/sh
# symbols.sh - the library exports hg_ names only, keeps no writable state, and
# never prints, exits, aborts or touches signal handlers.
set -u
top=${HG_BUILD_DIR:-.}
NM=${NM:-nm} OBJDUMP=${OBJDUMP:-objdump}
archive=$top/.libs/libhourglass.a
shared=$top/.libs/libhourglass.so
status=0
[ -f "$archive" ] || { echo "no $archive: nothing to look at"; exit 77; }

# A sanitizer puts symbols of its own into every object.
if $NM "$archive" 2>/dev/null | grep -Eq ' (__asan_|__tsan_|__ubsan_|__gcov_)'; then
    echo "an instrumented build: skipped"
    exit 77
fi

report()
{
    [ -z "$2" ] || { echo "FAIL: $1:"; echo "$2"; status=1; }
}

if [ -f "$shared" ]; then
    exported=$($NM -D --defined-only "$shared" | awk '{ print $NF }')
    report "exported, but not hg_" "$(echo "$exported" | grep -v '^hg_[a-z]')"
    echo "$exported" | grep -q '^hg_version$' || report "not exported" hg_version
fi

# Sections of symbols: .bss, .data and *COM* can be written; .data.rel.ro cannot once loaded.
writable=$($OBJDUMP -t "$archive" 2>/dev/null |
    awk '{ for (i = 1; i < NF; i++)
        if ($i ~ /^(\.bss|\.data|\.tbss|\.tdata|\*COM\*)/ && $i !~ /^\.data\.rel\.ro/ &&
            $NF !~ /^\./) print $i, $NF }')
report "writable data" "$writable"

# fprintf and the like need a stream that somebody opened; stdout and stderr are nobody's.
forbidden='printf|vprintf|puts|putchar|perror|stdout|stderr|exit|_exit|_Exit|quick_exit|abort|signal|sigaction|raise|kill|setlocale|srand|rand|system|__printf_chk|__vprintf_chk'
used=$($NM -u "$archive" 2>/dev/null | awk '{ print $NF }' | sort -u |
    grep -E "^($forbidden)$")
report "called by the library" "$used"

# The checks above must see what is there: a public function, and one it calls.
$NM --defined-only "$archive" 2>/dev/null | grep -q ' T hg_version$' || report "nm sees no" hg_version
[ $status = 0 ] && echo ok
exit $status
