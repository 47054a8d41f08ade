// Substring search: compare the two rarest bytes of the needle 32 places at a time, and verify where both
// match. In JSON a needle's rare bytes (digits, capitals) leave few candidates, so this runs near the
// memory's speed.
#include "kernels.h"
#include <string.h>

#define PREFETCH_AHEAD 2048

// How common a byte is in event data, 255 the most: JSON's punctuation and lower-case letters, then digits
// and capitals, then all the rest. Only the order matters.
static int commonness(uint8_t byte) {
  static const char order[] = "\"eatinorsdcl:,umpy0-123bfgh456789vwkxTAIDZEjqz{}SCM_BRPNFLOUGHW .YKVJQX/[]";
  if (byte == 0) return 255;
  const char *place = memchr(order, byte, sizeof order - 1);
  if (place) return 250 - (int)(place - order);
  return byte >= 0x80 ? 100 : 20;
}

weir_needle weir_needle_make(const void *bytes, size_t count) {
  weir_needle needle = {bytes, count, 0, 0};
  if (count < 2) return needle;
  const uint8_t *p = needle.bytes;
  // The rarest byte, then the rarest of the others that is not the same byte again where that can be had.
  size_t best = 0;
  for (size_t i = 1; i < count; i++)
    if (commonness(p[i]) < commonness(p[best])) best = i;
  size_t other = best == 0 ? 1 : 0;
  for (size_t i = 0; i < count; i++) {
    if (i == best || i == other) continue;
    int rank = commonness(p[i]) + (p[i] == p[best] ? 256 : 0);
    if (rank < commonness(p[other]) + (p[other] == p[best] ? 256 : 0)) other = i;
  }
  needle.first = best < other ? best : other;
  needle.second = best < other ? other : best;
  return needle;
}

static ptrdiff_t find_portable(const uint8_t *p, size_t n, const weir_needle *needle) {
  size_t m = needle->count, i = 0;
  if (m > n) return -1;
  uint8_t rare = needle->bytes[needle->first];
  while (i + m <= n) {
    const uint8_t *hit = memchr(p + i + needle->first, rare, n - m - i + 1);
    if (!hit) return -1;
    i = (size_t)(hit - p) - needle->first;
    if (memcmp(p + i, needle->bytes, m) == 0) return (ptrdiff_t)i;
    i++;
  }
  return -1;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,bmi"))) static ptrdiff_t find_wide(const uint8_t *p, size_t n, const weir_needle *needle) {
  size_t m = needle->count, i = 0;
  const __m256i first = _mm256_set1_epi8((char)needle->bytes[needle->first]);
  const __m256i second = _mm256_set1_epi8((char)needle->bytes[needle->second]);
  const uint8_t *at_first = p + needle->first, *at_second = p + needle->second;
  for (; i + m + 31 <= n; i += 32) {
    _mm_prefetch((const char *)p + i + PREFETCH_AHEAD, _MM_HINT_T0);
    __m256i a = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(at_first + i)), first);
    __m256i b = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(at_second + i)), second);
    uint32_t mask = (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(a, b));
    for (; mask; mask &= mask - 1) {
      size_t at = i + (size_t)__builtin_ctz(mask);
      if (memcmp(p + at, needle->bytes, m) == 0) return (ptrdiff_t)at;
    }
  }
  ptrdiff_t rest = find_portable(p + i, n - i, needle);
  return rest < 0 ? -1 : rest + (ptrdiff_t)i;
}
#endif

ptrdiff_t weir_find_at(int level, const void *bytes, size_t count, const weir_needle *needle) {
  if (needle->count == 0) return 0;
#if defined(__x86_64__)
  if (level >= WEIR_WIDE && needle->count <= count) return find_wide(bytes, count, needle);
#else
  (void)level;
#endif
  return find_portable(bytes, count, needle);
}

ptrdiff_t weir_find(const void *bytes, size_t count, const weir_needle *needle) {
  return weir_find_at(weir_kernels_level(), bytes, count, needle);
}
