// Line breaks, counted and found at the speed of memory.
#ifndef WEIR_LINES_H
#define WEIR_LINES_H
#include <stddef.h>
#include <stdint.h>

/// How often `byte` occurs in `count` bytes.
size_t weir_count_byte(const void *bytes, size_t count, uint8_t byte);

/// Index of the first `byte` in `count` bytes, or `count` when there is none.
size_t weir_first_byte(const void *bytes, size_t count, uint8_t byte);

/// Index of the last `byte` in `count` bytes, or `count` when there is none.
size_t weir_last_byte(const void *bytes, size_t count, uint8_t byte);

/// Whether `wanted_count` bytes at `wanted` occur anywhere in `count` bytes.
int weir_contains(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

#endif
