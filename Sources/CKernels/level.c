#include "kernels.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

// Asked once a call: the compiler's runtime has the answer in memory, so this is two loads and a mask.
int weir_kernels_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("pclmul")
      && __builtin_cpu_supports("sse4.2"))
    return WEIR_WIDE;
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) return WEIR_BASIC;
  return WEIR_PORTABLE;
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_CRC32) ? WEIR_BASIC : WEIR_PORTABLE;
#else
  return WEIR_PORTABLE;
#endif
}
