// A SQLite file system that can only read: no locks, no -shm, no journal. See readonly_vfs.c.
#ifndef WEIR_READONLY_VFS_H
#define WEIR_READONLY_VFS_H

/// Registers the file system "weir-readonly"; safe to call from any thread, any number of times. Returns
/// SQLITE_OK.
int weir_register_readonly_vfs(void);

#endif
