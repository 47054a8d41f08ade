// C kernels: what bounds the speed of the readers. Dispatched at run time, each with a portable fallback.
#ifndef WEIR_KERNELS_H
#define WEIR_KERNELS_H
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, going on from `crc` (0 to begin).
uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
