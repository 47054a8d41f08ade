// The original pages that a hot rollback journal holds, laid over the database in memory.
#ifndef WEIR_JOURNAL_OVERLAY_H
#define WEIR_JOURNAL_OVERLAY_H

#include <stdint.h>
#include <sys/types.h>

/// One page that must be read from the journal instead of the database.
struct journal_page {
  uint32_t number;   // from 1
  uint64_t offset;   // of the page's content in the journal
};

/// fd is -1 while there is no overlay.
struct journal_overlay {
  int fd;
  int state;               // enum weir_journal_state
  uint32_t page_size;
  uint64_t original_size;  // bytes of the database before the transaction
  struct journal_page *pages;  // sorted by number, no number twice
  uint32_t count;
};

/// Reads `<database_path>-journal` and decides whether it is hot. Always leaves `overlay` valid.
void weir_journal_open(struct journal_overlay *overlay, const char *database_path, int database_fd);
void weir_journal_close(struct journal_overlay *overlay);
/// The offset of a page's content in the journal; 0 when the database's own page counts.
uint64_t weir_journal_find(const struct journal_overlay *overlay, uint32_t page_number);

/// pread until `count` bytes are there; returns how many came, -1 on an error.
ssize_t weir_read_fully(int fd, void *buffer, size_t count, uint64_t offset);
/// Opens a regular file O_RDONLY and never waits for one (a FIFO in its place); -1 with errno otherwise.
int weir_open_regular(const char *path);

#endif
