#include "javascript.h"
#include <stddef.h>

const char *weir_javascript_library(void) { return NULL; }
