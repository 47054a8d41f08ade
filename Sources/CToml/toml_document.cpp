#include "toml_document.h"

int weir_toml_version(void) { return 1; }
