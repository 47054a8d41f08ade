// toml++ behind a C header: a document as a flat list of leaves, each with its line and column.
#ifndef WEIR_TOML_H
#define WEIR_TOML_H
#include <stddef.h>

enum weir_toml_kind {
  WEIR_TOML_TEXT = 0,
  WEIR_TOML_INTEGER = 1,
  WEIR_TOML_REAL = 2,
  WEIR_TOML_FLAG = 3,
  WEIR_TOML_OTHER = 4
};

/// One leaf. `path`: the keys from the top, separated by the byte 0x1F; elements of an array share the
/// array's path.
typedef void (*weir_toml_leaf)(void *context, const char *path, int kind, const char *text, int line,
                               int column);

/// Reads `count` bytes of TOML and calls `leaf` for each value in document order. Returns 0, or -1 when the
/// text is not TOML: then `message` (NUL-terminated, cut at `message_size`), `line` and `column` (from 1) say
/// where and why.
#ifdef __cplusplus
extern "C"
#endif
int weir_toml_read(const char *text, size_t count, void *context, weir_toml_leaf leaf, char *message,
                   size_t message_size, int *line, int *column);

#endif
