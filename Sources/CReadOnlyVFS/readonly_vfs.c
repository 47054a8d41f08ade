// "weir-readonly": SQLite's own reader over files that belong to somebody else.
//
// mode=ro is not enough: it opens -wal and -shm for writing, takes locks and may create both. immutable=1
// hides the write-ahead log. So this file system
//   - opens the database and its -wal O_RDONLY, whatever SQLite asks for, and nothing else at all;
//   - takes no lock: xLock up to SHARED succeeds without one, more is refused;
//   - keeps the wal-index, which SQLite would share through -shm, in memory that belongs to one connection.
//     It starts zeroed, so SQLite fills it by recovering the log: frames that belong to a finished commit
//     and whose checksums and salts are right, and no others;
//   - shows a missing -wal as an empty one, because a database in WAL mode cannot be opened without;
//   - lays the pages of a hot rollback journal over the database (journal_overlay.c) and hides the journal
//     from SQLite, which would want to play it back into the file.
// Without locks a writer may change the files under a reader: whoever reads must compare the files before and
// after (SQLiteDatabase in Swift does).
#include "readonly_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_overlay.h"

// The wal-index grows by one region of 32 KiB per 4,096 frames; 65,536 regions index a log of a tebibyte.
enum { most_regions = 65536 };

struct readonly_file {
  sqlite3_file base;
  int fd;                         // -1: a file that is not there, shown as empty
  int is_wal;
  struct readonly_file *database; // of a -wal: the database it belongs to
  struct journal_overlay overlay; // of a database
  struct weir_vfs_status status;  // of a database, also for the reads of its -wal
  void **regions;                 // of a database: the wal-index
  int region_count;
};

static int file_close(sqlite3_file *base) {
  struct readonly_file *file = (struct readonly_file *)base;
  if (file->fd >= 0) close(file->fd);
  file->fd = -1;
  if (!file->is_wal) weir_journal_close(&file->overlay);
  for (int i = 0; i < file->region_count; i++) sqlite3_free(file->regions[i]);
  sqlite3_free(file->regions);
  file->regions = NULL;
  file->region_count = 0;
  return SQLITE_OK;
}

static uint64_t size_of(const struct readonly_file *file) {
  struct stat status;
  if (file->overlay.fd >= 0) return file->overlay.original_size;
  if (file->fd < 0 || fstat(file->fd, &status) != 0 || status.st_size < 0) return 0;
  return (uint64_t)status.st_size;
}

// Reads from a database under an overlay: page by page, each from where its content is.
static ssize_t read_overlaid(struct readonly_file *file, char *buffer, size_t count, uint64_t offset) {
  const struct journal_overlay *overlay = &file->overlay;
  uint64_t size = overlay->original_size;
  if (offset >= size) return 0;
  if (count > size - offset) count = (size_t)(size - offset);
  for (size_t done = 0; done < count;) {
    uint64_t at = offset + done;
    uint64_t within = at % overlay->page_size;
    size_t part = overlay->page_size - (size_t)within;
    if (part > count - done) part = count - done;
    uint64_t journaled = weir_journal_find(overlay, (uint32_t)(at / overlay->page_size) + 1);
    ssize_t got = journaled ? weir_read_fully(overlay->fd, buffer + done, part, journaled + within)
                            : weir_read_fully(file->fd, buffer + done, part, at);
    if (got < 0) return -1;
    // The transaction may have cut the file short; pages it never touched are then gone, and read as zeros.
    if ((size_t)got < part) memset(buffer + done + got, 0, part - (size_t)got);
    done += part;
  }
  return (ssize_t)count;
}

static int file_read(sqlite3_file *base, void *buffer, int count, sqlite3_int64 offset) {
  struct readonly_file *file = (struct readonly_file *)base;
  struct readonly_file *owner = file->database ? file->database : file;
  ssize_t got = 0;
  if (file->overlay.fd >= 0) got = read_overlaid(file, buffer, (size_t)count, (uint64_t)offset);
  else if (file->fd >= 0) got = weir_read_fully(file->fd, buffer, (size_t)count, (uint64_t)offset);
  if (got < 0) return SQLITE_IOERR_READ;
  if (count >= 512) {
    owner->status.last_read_offset = (uint64_t)offset;
    owner->status.last_read_size = (uint32_t)count;
    owner->status.last_read_in_wal = file->is_wal;
  }
  if (got < count) {
    memset((char *)buffer + got, 0, (size_t)(count - got));
    return SQLITE_IOERR_SHORT_READ;
  }
  return SQLITE_OK;
}

static int file_write(sqlite3_file *base, const void *buffer, int count, sqlite3_int64 offset) {
  (void)base, (void)buffer, (void)count, (void)offset;
  return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
  (void)base, (void)size;
  return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *base, int flags) {
  (void)base, (void)flags;
  return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
  *size = (sqlite3_int64)size_of((struct readonly_file *)base);
  return SQLITE_OK;
}

// Refusing more than SHARED also keeps SQLite from a checkpoint when the connection is closed.
static int file_lock(sqlite3_file *base, int level) {
  (void)base;
  return level > SQLITE_LOCK_SHARED ? SQLITE_BUSY : SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level) {
  (void)base, (void)level;
  return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *result) {
  (void)base;
  *result = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
  struct readonly_file *file = (struct readonly_file *)base;
  if (operation != WEIR_FCNTL_STATUS || !argument) return SQLITE_NOTFOUND;
  file->status.journal_state = file->overlay.state;
  file->status.journal_pages = file->overlay.count;
  memcpy(argument, &file->status, sizeof file->status);
  return SQLITE_OK;
}

static int file_sector_size(sqlite3_file *base) {
  (void)base;
  return 4096;
}

static int file_characteristics(sqlite3_file *base) {
  (void)base;
  return 0;
}

static int shm_map(sqlite3_file *base, int index, int size, int extend, void volatile **region) {
  struct readonly_file *file = (struct readonly_file *)base;
  (void)extend;
  *region = NULL;
  if (index < 0 || index >= most_regions || size <= 0) return SQLITE_NOMEM;
  if (index >= file->region_count) {
    void **grown = sqlite3_realloc64(file->regions, ((sqlite3_uint64)index + 1) * sizeof *grown);
    if (!grown) return SQLITE_NOMEM;
    file->regions = grown;
    while (file->region_count <= index) file->regions[file->region_count++] = NULL;
  }
  if (!file->regions[index]) {
    file->regions[index] = sqlite3_malloc(size);
    if (!file->regions[index]) return SQLITE_NOMEM;
    memset(file->regions[index], 0, (size_t)size);
  }
  *region = file->regions[index];
  return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
  (void)base, (void)offset, (void)count, (void)flags;
  return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) {
  (void)base;
  __sync_synchronize();
}

static int shm_unmap(sqlite3_file *base, int delete_it) {
  struct readonly_file *file = (struct readonly_file *)base;
  (void)delete_it;
  for (int i = 0; i < file->region_count; i++) sqlite3_free(file->regions[i]);
  sqlite3_free(file->regions);
  file->regions = NULL;
  file->region_count = 0;
  return SQLITE_OK;
}

// Version 2: with a wal-index, without memory mapping (a truncated mapping is a SIGBUS).
static const sqlite3_io_methods methods = {
  .iVersion = 2, .xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate,
  .xSync = file_sync, .xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved, .xFileControl = file_control, .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics, .xShmMap = shm_map, .xShmLock = shm_lock,
  .xShmBarrier = shm_barrier, .xShmUnmap = shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
  struct readonly_file *file = (struct readonly_file *)base;
  (void)vfs;
  memset(file, 0, sizeof *file);
  file->fd = -1;
  file->overlay.fd = -1;
  // Anything that is neither the database nor its log would be a file of our own.
  if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) return SQLITE_CANTOPEN;
  file->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
  file->fd = weir_open_regular(name);
  if (file->fd < 0 && !(file->is_wal && errno == ENOENT)) return SQLITE_CANTOPEN;
  if (file->is_wal) {
    sqlite3_file *database = sqlite3_database_file_object(name);
    if (database && database->pMethods == &methods) file->database = (struct readonly_file *)database;
  } else {
    weir_journal_open(&file->overlay, name, file->fd);
    if (file->overlay.state == WEIR_JOURNAL_REFUSED) {
      close(file->fd);
      return SQLITE_CANTOPEN;
    }
  }
  file->base.pMethods = &methods;
  if (out_flags) *out_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}

// SQLite deletes a log beside an empty database before it reads that; here nothing is deleted.
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory) {
  (void)vfs, (void)name, (void)sync_directory;
  return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  static const char journal[] = "-journal";
  size_t length = name ? strlen(name) : 0, tail = sizeof journal - 1;
  (void)vfs;
  int is_journal = length >= tail && memcmp(name + length - tail, journal, tail) == 0;
  *result = length > 0 && !is_journal && flags != SQLITE_ACCESS_READWRITE && access(name, F_OK) == 0;
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  size_t length = strlen(name);
  if (length >= (size_t)size) return SQLITE_CANTOPEN;
  memcpy(out, name, length + 1);
  return SQLITE_OK;
}

static sqlite3_vfs *system_vfs(sqlite3_vfs *vfs) { return (sqlite3_vfs *)vfs->pAppData; }

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *out) {
  return system_vfs(vfs)->xRandomness(system_vfs(vfs), count, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  return system_vfs(vfs)->xSleep(system_vfs(vfs), microseconds);
}

static int vfs_current_time(sqlite3_vfs *vfs, double *julian_day) {
  return system_vfs(vfs)->xCurrentTime(system_vfs(vfs), julian_day);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs, (void)size, (void)out;
  return errno;
}

// No xDlOpen and its kin: the file system cannot load an extension.
static sqlite3_vfs readonly_vfs = {
  .iVersion = 1, .szOsFile = sizeof(struct readonly_file), .mxPathname = 4096, .zName = "weir-readonly",
  .xOpen = vfs_open, .xDelete = vfs_delete, .xAccess = vfs_access, .xFullPathname = vfs_full_path,
  .xRandomness = vfs_randomness, .xSleep = vfs_sleep, .xCurrentTime = vfs_current_time,
  .xGetLastError = vfs_last_error,
};

int weir_register_readonly_vfs(void) {
  if (sqlite3_initialize() != SQLITE_OK) return SQLITE_ERROR;
  // Looking the name up and registering it are two steps; the library lends a mutex to hold over both.
  sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
  sqlite3_mutex_enter(mutex);
  int result = SQLITE_OK;
  if (!sqlite3_vfs_find(readonly_vfs.zName)) {
    readonly_vfs.pAppData = sqlite3_vfs_find(NULL);
    result = readonly_vfs.pAppData ? sqlite3_vfs_register(&readonly_vfs, 0) : SQLITE_ERROR;
  }
  sqlite3_mutex_leave(mutex);
  return result;
}
