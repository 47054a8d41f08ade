// C kernels: what bounds the speed of the readers. Chosen at run time by what the processor can do, each with
// a portable fallback that gives the same answer; `weir_kernels_level` lets a test run all of them.
#ifndef WEIR_KERNELS_H
#define WEIR_KERNELS_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// CRC-32C (Castagnoli) of `count` bytes, going on from `crc` (0 to begin).
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The sum of all bytes: the fastest anything can look at them, which is the benchmarks' yardstick.
uint64_t weir_sum(const void *bytes, size_t count);

/// Writes `base + i + 1` to `starts` for every newline at index i, that is where the next line begins.
/// Stops when `capacity` is used up; `*consumed` says how many bytes were looked at (go on from there).
/// Returns how many starts were written.
size_t weir_line_starts(const void *bytes, size_t count, uint64_t base, uint64_t *starts, size_t capacity,
                        size_t *consumed);

/// A needle prepared for searching: which two of its bytes are the rarest in text like ours. Borrows the
/// bytes.
typedef struct {
  const uint8_t *bytes;
  size_t count;
  /// Indexes of the two rarest bytes, `first` <= `second`; equal for a needle of one byte.
  size_t first, second;
} weir_needle;

/// Prepares `count` bytes (0 is allowed: it is found at once) for `weir_find`.
weir_needle weir_needle_make(const void *bytes, size_t count);

/// Index of the first occurrence of `needle` in `bytes`, or -1.
ptrdiff_t weir_find(const void *bytes, size_t count, const weir_needle *needle);

/// How far the kernels may go: 0 portable, 1 SSE4.2 (arm64: its CRC instructions), 2 AVX2 + VPCLMULQDQ.
enum { WEIR_PORTABLE = 0, WEIR_BASIC = 1, WEIR_WIDE = 2 };

/// What this processor can do, as one of the numbers above.
int weir_kernels_level(void);

// The same work at a given level (never above `weir_kernels_level`), for tests and benchmarks.
uint32_t weir_crc32c_at(int level, uint32_t crc, const void *bytes, size_t count);
uint64_t weir_sum_at(int level, const void *bytes, size_t count);
size_t weir_line_starts_at(int level, const void *bytes, size_t count, uint64_t base, uint64_t *starts,
                           size_t capacity, size_t *consumed);
ptrdiff_t weir_find_at(int level, const void *bytes, size_t count, const weir_needle *needle);

#endif
