#include "kernels.h"

// Portable CRC-32C, one byte at a time from a nibble table; the dispatched kernels come before it.
static uint32_t crc32c_portable(uint32_t crc, const uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
  }
  return crc;
}

uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return ~crc32c_portable(~crc, bytes, count);
}
