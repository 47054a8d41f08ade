// CRC-32C, polynomial 0x82F63B78 reflected, initial value and final xor 0xFFFFFFFF.
//
// Three ways, slowest first: eight tables; three interleaved chains of the CPU's own crc32 instruction,
// joined by a carry-less multiplication (or one chain on arm64); folding 128 bytes at a time with VPCLMULQDQ.
// All prefetch 2 KiB ahead: three streams, or a fold, run past what the hardware prefetcher guesses on its
// own.
#include "kernels.h"
#include <stdatomic.h>
#include <string.h>

#define PREFETCH_AHEAD 2048

static uint32_t tables[8][256];
static atomic_int tables_ready;

// Racing threads write the same values; the flag is released after them.
static void make_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t c = n;
    for (int k = 0; k < 8; k++) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
    tables[0][n] = c;
  }
  for (uint32_t n = 0; n < 256; n++)
    for (int t = 1; t < 8; t++) tables[t][n] = (tables[t - 1][n] >> 8) ^ tables[0][tables[t - 1][n] & 255];
  atomic_store_explicit(&tables_ready, 1, memory_order_release);
}

static uint32_t portable(uint32_t crc, const uint8_t *p, size_t n) {
  if (!atomic_load_explicit(&tables_ready, memory_order_acquire)) make_tables();
  for (; n >= 8; n -= 8, p += 8) {
    crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    crc = tables[7][crc & 255] ^ tables[6][crc >> 8 & 255] ^ tables[5][crc >> 16 & 255] ^ tables[4][crc >> 24]
          ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
  }
  while (n--) crc = (crc >> 8) ^ tables[0][(crc ^ *p++) & 255];
  return crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

static inline uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

__attribute__((target("sse4.2"))) static uint32_t one_chain(uint32_t crc, const uint8_t *p, size_t n) {
  uint64_t c = crc;
  for (; n >= 8; n -= 8, p += 8) c = _mm_crc32_u64(c, load64(p));
  uint32_t r = (uint32_t)c;
  while (n--) r = _mm_crc32_u8(r, *p++);
  return r;
}

// Length of one of the three lanes, and x^(8 * bytes - 33) reflected for one and for two lanes: what moves a
// CRC over that many zero bytes.
#define LANE 512
#define OVER_ONE_LANE 0xDD7E3B0Cu
#define OVER_TWO_LANES 0x170076FAu

__attribute__((target("sse4.2,pclmul"))) static uint64_t over(uint64_t crc, uint32_t power) {
  __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)crc), _mm_cvtsi32_si128((int)power), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t three_chains(uint32_t crc, const uint8_t *p, size_t n) {
  for (; n >= 3 * LANE; n -= 3 * LANE, p += 3 * LANE) {
    uint64_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < LANE; i += 8) {
      if (i % 64 == 0)
        for (int lane = 0; lane < 3; lane++)
          _mm_prefetch((const char *)p + i + lane * LANE + PREFETCH_AHEAD, _MM_HINT_T0);
      a = _mm_crc32_u64(a, load64(p + i));
      b = _mm_crc32_u64(b, load64(p + LANE + i));
      c = _mm_crc32_u64(c, load64(p + 2 * LANE + i));
    }
    crc = (uint32_t)(_mm_crc32_u64(0, over(a, OVER_TWO_LANES)) ^ _mm_crc32_u64(0, over(b, OVER_ONE_LANE)) ^ c);
  }
  return one_chain(crc, p, n);
}

// Moves a 256-bit lane over 1024 bits: x^(1024 + 31) and x^(1024 - 33), reflected.
__attribute__((target("avx2,vpclmulqdq,pclmul"))) static inline __m256i fold(__m256i x, __m256i power, __m256i next) {
  __m256i low = _mm256_clmulepi64_epi128(x, power, 0x00);
  __m256i high = _mm256_clmulepi64_epi128(x, power, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), next);
}

#define LOAD(i) _mm256_loadu_si256((const __m256i *)(p + 32 * (i)))

__attribute__((target("avx2,vpclmulqdq,pclmul,sse4.2"))) static uint32_t folded(uint32_t crc, const uint8_t *p,
                                                                               size_t n) {
  if (n < 256) return one_chain(crc, p, n);
  const __m256i power = _mm256_setr_epi64x(0x6992CEA2, 0x0D3B6092, 0x6992CEA2, 0x0D3B6092);
  __m256i a = _mm256_xor_si256(LOAD(0), _mm256_setr_epi32((int)crc, 0, 0, 0, 0, 0, 0, 0));
  __m256i b = LOAD(1), c = LOAD(2), d = LOAD(3);
  for (p += 128, n -= 128; n >= 128; p += 128, n -= 128) {
    _mm_prefetch((const char *)p + PREFETCH_AHEAD, _MM_HINT_T0);
    _mm_prefetch((const char *)p + PREFETCH_AHEAD + 64, _MM_HINT_T0);
    a = fold(a, power, LOAD(0));
    b = fold(b, power, LOAD(1));
    c = fold(c, power, LOAD(2));
    d = fold(d, power, LOAD(3));
  }
  // What is left of the folding is 128 bytes that have the same CRC as all before them.
  uint8_t rest[128];
  _mm256_storeu_si256((__m256i *)rest, a);
  _mm256_storeu_si256((__m256i *)(rest + 32), b);
  _mm256_storeu_si256((__m256i *)(rest + 64), c);
  _mm256_storeu_si256((__m256i *)(rest + 96), d);
  return one_chain(one_chain(0, rest, 128), p, n);
}

#elif defined(__aarch64__)
#include <arm_acle.h>

__attribute__((target("crc"))) static uint32_t one_chain(uint32_t crc, const uint8_t *p, size_t n) {
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    __builtin_prefetch(p + PREFETCH_AHEAD);
    crc = __crc32cd(crc, v);
  }
  while (n--) crc = __crc32cb(crc, *p++);
  return crc;
}
#endif

uint32_t weir_crc32c_at(int level, uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (level >= WEIR_WIDE) return ~folded(~crc, bytes, count);
  if (level >= WEIR_BASIC) return ~three_chains(~crc, bytes, count);
#elif defined(__aarch64__)
  if (level >= WEIR_BASIC) return ~one_chain(~crc, bytes, count);
#else
  (void)level;
#endif
  return ~portable(~crc, bytes, count);
}

uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return weir_crc32c_at(weir_kernels_level(), crc, bytes, count);
}
