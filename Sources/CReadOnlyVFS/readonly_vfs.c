#include "readonly_vfs.h"

int weir_register_readonly_vfs(void) { return 0; }
