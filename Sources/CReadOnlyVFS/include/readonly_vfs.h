// A SQLite file system that can only read: no locks, no -shm, no journal, no temporary file. See
// readonly_vfs.c.
#ifndef WEIR_READONLY_VFS_H
#define WEIR_READONLY_VFS_H

#include <stdint.h>

/// Registers the file system "weir-readonly"; safe to call from any thread, any number of times. Returns
/// SQLITE_OK.
int weir_register_readonly_vfs(void);

/// What a rollback journal beside the database means for what is read.
enum weir_journal_state {
  WEIR_JOURNAL_NONE = 0,      ///< There is none, or it is empty, finished or zeroed.
  WEIR_JOURNAL_APPLIED = 1,   ///< A transaction did not finish: its original pages are read from the journal.
  WEIR_JOURNAL_FINISHED = 2,  ///< Part of a transaction over several files which did finish.
  WEIR_JOURNAL_REFUSED = 3,   ///< It could not be read or is too large: the database is not opened.
};

/// Facts about an open database, asked for with sqlite3_file_control(db, "main", WEIR_FCNTL_STATUS, &status).
struct weir_vfs_status {
  uint64_t last_read_offset;  ///< Byte offset of the last page-sized read, in the file it came from.
  uint32_t last_read_size;    ///< Its size in bytes; 0 before the first.
  int32_t last_read_in_wal;   ///< 1: that read was from the write-ahead log, 0: from the database itself.
  int32_t journal_state;      ///< One of weir_journal_state.
  uint32_t journal_pages;     ///< How many pages the journal replaces.
};

#define WEIR_FCNTL_STATUS 77001

#endif
