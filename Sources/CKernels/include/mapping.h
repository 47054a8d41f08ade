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

#endif
