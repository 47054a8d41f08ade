// Read-only, enforced by the kernel where it has Landlock (Linux 5.13 and later).
#ifndef WEIR_SANDBOX_H
#define WEIR_SANDBOX_H
#include <stddef.h>

/// From now on this process (and what it starts) can create, change or remove files only below the given
/// paths. Files that are open already, and everything read-only, are untouched. Cannot be undone.
/// Returns 1: enforced; 0: this kernel has no Landlock; -1: the kernel refused.
int weir_sandbox_writes(const char *const *paths, size_t count);

/// Starts a helper process for a program that is about to give up writing. It opens new files, never ones that
/// exist, and ends with the program. To be called before threads are started. Returns the socket to ask
/// through, or -1 with errno.
int weir_scribe_start(void);

/// A new file at `path`, open for writing, made by the helper. Returns its descriptor, or -1 with errno
/// (EEXIST: it is there already). One thread at a time.
int weir_scribe_create(int scribe, const char *path);

#endif
