# HG_ADD_CFLAGS(VARIABLE, FLAGS): adds each flag that the compiler knows.
AC_DEFUN([HG_ADD_CFLAGS], [
for hg_flag in $2; do
    HG_CHECK_CFLAGS([$hg_flag], [$1="[$]$1 $hg_flag"])
done])

# HG_CHECK_CFLAGS(FLAGS, [IF-KNOWN], [IF-NOT]): -Werror, because clang only warns.
AC_DEFUN([HG_CHECK_CFLAGS], [
hg_save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS -Werror $1"
AC_MSG_CHECKING([whether $CC knows $1])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [hg_known=yes], [hg_known=no])
AC_MSG_RESULT([$hg_known])
CFLAGS=$hg_save_CFLAGS
AS_IF([test $hg_known = yes], [$2], [$3])])

# HG_VECTOR_FLAGS: HG_BASE_FLAGS, HG_AVX2_FLAGS, HG_AVX512_FLAGS and the
# conditional X86_KERNELS. The program picks a set when it runs; what the
# compiler builds does not depend on the machine that builds.
AC_DEFUN([HG_VECTOR_FLAGS], [
HG_BASE_FLAGS="-DHG_VECTOR=4"
HG_AVX2_FLAGS="-DHG_VECTOR=8 -mavx2 -mfma"
HG_AVX512_FLAGS="-DHG_VECTOR=16 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512"
hg_kernels=base
AS_CASE([$host_cpu], [x86_64|amd64],
    [HG_CHECK_CFLAGS([-mavx2 -mfma -mavx512f -mavx512dq -mavx512bw -mavx512vl -mprefer-vector-width=512],
        [hg_kernels="base avx2 avx512"])])
AS_IF([test "$hg_kernels" = base], [HG_CFLAGS="$HG_CFLAGS -DHG_ONLY_BASE"])
AM_CONDITIONAL([X86_KERNELS], [test "$hg_kernels" != base])
AC_SUBST([HG_BASE_FLAGS])
AC_SUBST([HG_AVX2_FLAGS])
AC_SUBST([HG_AVX512_FLAGS])])
