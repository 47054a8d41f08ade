// Read-only mappings that survive the truncation of their file.
#ifndef WEIR_MAPPING_H
#define WEIR_MAPPING_H
#include <stddef.h>

/// Maps the file at `path` for reading and says how long it is. NULL with errno when that fails (an empty
/// file too), or when 64 mappings are alive already.
const void *_Nullable weir_map(const char *_Nonnull path, size_t *_Nonnull count);

void weir_unmap(const void *_Nonnull base, size_t count);

/// Whether a page of this mapping was replaced by zeros because the file no longer has it.
int weir_map_was_cut(const void *_Nonnull base);

/// Which part of `count` bytes at `offset` of an open file is in the page cache, 0 to 1, by a few of its pages.
/// 1 where the kernel does not tell: whoever asks must not take others' pages away.
double weir_cached_share(int file, size_t offset, size_t count);

/// Lets go of a mapping's pages; touched again, they are read again.
void weir_map_release(const void *_Nonnull base, size_t count);

/// Sets this thread's I/O priority: idle, or one that an earlier call returned. Returns the one before.
int weir_io_idle(void);
int weir_io_priority(int priority);

#endif
