#include "javascript.h"

size_t weir_js_utf16_length(const uint8_t *bytes, size_t count) {
  size_t units = 0;
  for (size_t i = 0; i < count; i++) units += (size_t)((bytes[i] & 0xC0) != 0x80) + (size_t)(bytes[i] >= 0xF0);
  return units;
}

int weir_js_has_long_number(const uint8_t *bytes, size_t count) {
  size_t i = 0;
  while (i < count) {
    uint8_t c = bytes[i];
    if (c == '"') {
      for (i++; i < count && bytes[i] != '"'; i++)
        if (bytes[i] == '\\') i++;
      i++;
    } else if (c >= '0' && c <= '9') {
      size_t start = i;
      while (i < count && ((bytes[i] >= '0' && bytes[i] <= '9') || bytes[i] == '.')) i++;
      if (i - start > 15 || (i < count && (bytes[i] | 0x20) == 'e')) return 1;
    } else {
      i++;
    }
  }
  return 0;
}
