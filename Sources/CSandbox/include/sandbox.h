// Read-only, enforced by the kernel where it has Landlock (Linux 5.13 and later).
#ifndef WEIR_SANDBOX_H
#define WEIR_SANDBOX_H
#include <stddef.h>

/// From now on this process (and what it starts) can create, change or remove files only below the given
/// paths. Files that are open already, and everything read-only, are untouched. Cannot be undone.
/// Returns 1: enforced; 0: this kernel has no Landlock; -1: the kernel refused.
int weir_sandbox_writes(const char *const *paths, size_t count);

#endif
