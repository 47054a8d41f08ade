// Looking at every byte of a buffer: their sum (a yardstick), the beginnings of lines.
#include "kernels.h"
#include <string.h>

#define PREFETCH_AHEAD 2048

static uint64_t sum_portable(const uint8_t *p, size_t n) {
  // Bytes are added in pairs inside 64-bit words: four 16-bit sums a word, emptied before they can overflow.
  const uint64_t even = 0x00FF00FF00FF00FFull;
  uint64_t total = 0;
  while (n >= 8) {
    uint64_t lanes = 0;
    for (int k = 0; k < 128 && n >= 8; k++, p += 8, n -= 8) {
      uint64_t v;
      memcpy(&v, p, 8);
      lanes += (v & even) + (v >> 8 & even);
    }
    total += (lanes & 0xFFFF) + (lanes >> 16 & 0xFFFF) + (lanes >> 32 & 0xFFFF) + (lanes >> 48);
  }
  while (n--) total += *p++;
  return total;
}

static size_t lines_portable(const uint8_t *p, size_t n, uint64_t base, uint64_t *starts, size_t capacity,
                             size_t *consumed) {
  size_t found = 0, i = 0;
  while (i < n && found < capacity) {
    const uint8_t *hit = memchr(p + i, '\n', n - i);
    if (!hit) {
      i = n;
      break;
    }
    i = (size_t)(hit - p) + 1;
    starts[found++] = base + i;
  }
  *consumed = i;
  return found;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static uint64_t sum_wide(const uint8_t *p, size_t n) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i a = zero, b = zero, c = zero, d = zero;
  for (; n >= 128; n -= 128, p += 128) {
    a = _mm256_add_epi64(a, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)p), zero));
    b = _mm256_add_epi64(b, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(p + 32)), zero));
    c = _mm256_add_epi64(c, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(p + 64)), zero));
    d = _mm256_add_epi64(d, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(p + 96)), zero));
  }
  uint64_t parts[4];
  _mm256_storeu_si256((__m256i *)parts, _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d)));
  return parts[0] + parts[1] + parts[2] + parts[3] + sum_portable(p, n);
}

__attribute__((target("avx2"))) static inline uint64_t newlines(const uint8_t *p, __m256i newline) {
  __m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), newline);
  __m256i high = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(p + 32)), newline);
  return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

__attribute__((target("avx2,bmi"))) static size_t lines_wide(const uint8_t *p, size_t n, uint64_t base,
                                                            uint64_t *starts, size_t capacity, size_t *consumed) {
  const __m256i newline = _mm256_set1_epi8('\n');
  size_t found = 0, i = 0;
  // A block of 64 bytes can hold 64 newlines: the last of the room is left to the careful loop.
  for (; i + 64 <= n && capacity - found >= 64; i += 64) {
    _mm_prefetch((const char *)p + i + PREFETCH_AHEAD, _MM_HINT_T0);
    for (uint64_t mask = newlines(p + i, newline); mask; mask &= mask - 1)
      starts[found++] = base + i + (uint64_t)__builtin_ctzll(mask) + 1;
  }
  size_t more = 0;
  found += lines_portable(p + i, n - i, base + i, starts + found, capacity - found, &more);
  *consumed = i + more;
  return found;
}
#endif

uint64_t weir_sum_at(int level, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (level >= WEIR_WIDE) return sum_wide(bytes, count);
#else
  (void)level;
#endif
  return sum_portable(bytes, count);
}

size_t weir_line_starts_at(int level, const void *bytes, size_t count, uint64_t base, uint64_t *starts,
                           size_t capacity, size_t *consumed) {
#if defined(__x86_64__)
  if (level >= WEIR_WIDE) return lines_wide(bytes, count, base, starts, capacity, consumed);
#else
  (void)level;
#endif
  return lines_portable(bytes, count, base, starts, capacity, consumed);
}

uint64_t weir_sum(const void *bytes, size_t count) { return weir_sum_at(weir_kernels_level(), bytes, count); }

size_t weir_line_starts(const void *bytes, size_t count, uint64_t base, uint64_t *starts, size_t capacity,
                        size_t *consumed) {
  return weir_line_starts_at(weir_kernels_level(), bytes, count, base, starts, capacity, consumed);
}
