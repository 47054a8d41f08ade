#define _GNU_SOURCE
#include "lines.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,popcnt"))) static size_t count_avx2(const uint8_t *p, size_t n, uint8_t byte) {
  const __m256i wanted = _mm256_set1_epi8((char)byte);
  size_t total = 0, i = 0;
  // Matches are 0xFF = -1: subtracting them counts in each lane; 255 rounds fit a byte.
  while (i + 128 <= n) {
    __m256i lanes0 = _mm256_setzero_si256(), lanes1 = _mm256_setzero_si256();
    size_t rounds = (n - i) / 128;
    if (rounds > 127) rounds = 127;
    for (size_t r = 0; r < rounds; r++, i += 128) {
      __builtin_prefetch(p + i + 2048);
      __builtin_prefetch(p + i + 2112);
      const __m256i *v = (const __m256i *)(p + i);
      lanes0 = _mm256_sub_epi8(lanes0, _mm256_cmpeq_epi8(_mm256_loadu_si256(v), wanted));
      lanes1 = _mm256_sub_epi8(lanes1, _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 1), wanted));
      lanes0 = _mm256_sub_epi8(lanes0, _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 2), wanted));
      lanes1 = _mm256_sub_epi8(lanes1, _mm256_cmpeq_epi8(_mm256_loadu_si256(v + 3), wanted));
    }
    __m256i sums = _mm256_add_epi64(_mm256_sad_epu8(lanes0, _mm256_setzero_si256()),
                                    _mm256_sad_epu8(lanes1, _mm256_setzero_si256()));
    uint64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, sums);
    total += parts[0] + parts[1] + parts[2] + parts[3];
  }
  for (; i < n; i++) total += p[i] == byte;
  return total;
}
#endif

static size_t count_portable(const uint8_t *p, size_t n, uint8_t byte) {
  size_t total = 0;
  for (size_t i = 0; i < n; i++) total += p[i] == byte;
  return total;
}

size_t weir_count_byte(const void *bytes, size_t count, uint8_t byte) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return count_avx2(bytes, count, byte);
#endif
  return count_portable(bytes, count, byte);
}

size_t weir_first_byte(const void *bytes, size_t count, uint8_t byte) {
  const uint8_t *found = count ? memchr(bytes, byte, count) : NULL;
  return found ? (size_t)(found - (const uint8_t *)bytes) : count;
}

size_t weir_last_byte(const void *bytes, size_t count, uint8_t byte) {
  const uint8_t *found = count ? memrchr(bytes, byte, count) : NULL;
  return found ? (size_t)(found - (const uint8_t *)bytes) : count;
}

int weir_contains(const void *bytes, size_t count, const void *wanted, size_t wanted_count) {
  return memmem(bytes, count, wanted, wanted_count) != NULL;
}
