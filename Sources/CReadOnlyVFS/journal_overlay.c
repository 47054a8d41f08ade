// A hot rollback journal: a transaction began to write into the database and never finished. SQLite would
// copy the original pages back into the file; weir must not write, so it reads those pages from the journal.
//
// The format (sqlite.org/fileformat2.html, "The Rollback Journal"), big-endian. Segments, each of
//   0   8  magic d9 d5 05 f9 20 a1 63 d7
//   8   4  number of page records in this segment; ffffffff: as many as the file holds
//   12  4  nonce of the checksums
//   16  4  pages of the database before the transaction
//   20  4  sector size: the header is padded to it, and the next segment begins on a multiple of it
//   24  4  page size
// then page records of
//   0   4  page number
//   4   n  the page as it was
//   4+n 4  checksum: nonce + every 200th byte, counted back from the page's end (it covers those bytes only)
// The first record that fails its checksum ends the journal: it was not synced, so its page was not
// overwritten.
// A transaction over several files names its super-journal in a trailer: name, length, byte sum, magic. When
// that file is gone the transaction did finish, and the journal is left over.
//
// The number of records is only written once they are on disk, before the first page is overwritten, so the
// overlay is also right while a writer is at work.
#include "journal_overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "readonly_vfs.h"

static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

// 16 Mi pages are 64 GiB at the usual page size; the table of them takes 256 MiB.
enum { header_size = 28, most_pages = 1 << 24, longest_name = 4096 };

struct segment {
  uint32_t records, nonce, original_pages, sector_size, page_size;
};

static uint32_t big32(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int is_power_of_two(uint32_t value, uint32_t least, uint32_t most) {
  return value >= least && value <= most && (value & (value - 1)) == 0;
}

ssize_t weir_read_fully(int fd, void *buffer, size_t count, uint64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = pread(fd, (char *)buffer + done, count - done, (off_t)(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    done += (size_t)got;
  }
  return (ssize_t)done;
}

int weir_open_regular(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  if (fd < 0) return -1;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    errno = EINVAL;
    return -1;
  }
  return fd;
}

// Reads a segment's header; 0 when there is no valid one at `offset`.
static int read_segment(int fd, uint64_t offset, uint32_t database_page_size, struct segment *segment) {
  unsigned char bytes[header_size];
  if (weir_read_fully(fd, bytes, sizeof bytes, offset) != header_size) return 0;
  if (memcmp(bytes, magic, 8) != 0) return 0;
  segment->records = big32(bytes + 8);
  segment->nonce = big32(bytes + 12);
  segment->original_pages = big32(bytes + 16);
  segment->sector_size = big32(bytes + 20);
  segment->page_size = big32(bytes + 24);
  if (segment->page_size == 0) segment->page_size = database_page_size;
  return is_power_of_two(segment->page_size, 512, 65536) && is_power_of_two(segment->sector_size, 32, 65536);
}

static uint32_t page_size_of(int database_fd) {
  unsigned char bytes[2];
  if (weir_read_fully(database_fd, bytes, 2, 16) != 2) return 4096;
  uint32_t size = (uint32_t)bytes[0] << 8 | bytes[1];
  return size == 1 ? 65536 : size;
}

// 1 when the journal names a super-journal that is gone: the transaction over several files was committed.
static int super_journal_is_gone(int fd, uint64_t size) {
  unsigned char tail[16];
  if (size < 16 || weir_read_fully(fd, tail, 16, size - 16) != 16) return 0;
  if (memcmp(tail + 8, magic, 8) != 0) return 0;
  uint32_t length = big32(tail), sum = big32(tail + 4);
  if (length == 0 || length >= longest_name || length + 16u > size) return 0;
  char name[longest_name];
  if (weir_read_fully(fd, name, length, size - 16 - length) != (ssize_t)length) return 0;
  for (uint32_t i = 0; i < length; i++) sum -= (uint32_t)(int32_t)(signed char)name[i];
  if (sum != 0) return 0;
  name[length] = 0;
  return access(name, F_OK) != 0;
}

static int add_page(struct journal_overlay *overlay, uint32_t *capacity, uint32_t number, uint64_t offset) {
  if (overlay->count == *capacity) {
    uint32_t wanted = *capacity ? *capacity * 2 : 256;
    struct journal_page *grown = wanted > most_pages ? NULL : realloc(overlay->pages, wanted * sizeof *grown);
    if (!grown) return 0;
    overlay->pages = grown;
    *capacity = wanted;
  }
  overlay->pages[overlay->count++] = (struct journal_page){number, offset};
  return 1;
}

static int by_number(const void *left, const void *right) {
  const struct journal_page *a = left, *b = right;
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  return a->offset < b->offset ? -1 : a->offset > b->offset;
}

// Sorts the pages; of a page recorded twice the later copy wins, as when SQLite plays the journal back.
static void sort_pages(struct journal_overlay *overlay) {
  if (overlay->count == 0) return;
  qsort(overlay->pages, overlay->count, sizeof *overlay->pages, by_number);
  uint32_t kept = 0;
  for (uint32_t i = 1; i < overlay->count; i++) {
    if (overlay->pages[i].number != overlay->pages[kept].number) kept++;
    overlay->pages[kept] = overlay->pages[i];
  }
  overlay->count = kept + 1;
}

// Collects one segment's records from `*offset` on, which ends behind the last valid one. Returns 0 when the
// journal ends here, 1 when another segment may follow, -1 when the overlay cannot be built.
static int read_records(struct journal_overlay *overlay, const struct segment *segment, uint64_t size,
                        uint64_t *offset, unsigned char *page, uint32_t *capacity) {
  uint32_t page_size = overlay->page_size, records = segment->records;
  uint64_t record_size = (uint64_t)page_size + 8;
  if (records == 0xffffffff) {
    uint64_t room = (size - *offset) / record_size;
    records = room > 0xfffffffe ? 0xfffffffe : (uint32_t)room;
  }
  for (uint32_t i = 0; i < records; i++, *offset += record_size) {
    unsigned char number[4], sum[4];
    if (*offset + record_size > size) return 0;
    if (weir_read_fully(overlay->fd, number, 4, *offset) != 4
        || weir_read_fully(overlay->fd, page, page_size, *offset + 4) != (ssize_t)page_size
        || weir_read_fully(overlay->fd, sum, 4, *offset + 4 + page_size) != 4) return -1;
    uint32_t check = segment->nonce;
    for (int at = (int)page_size - 200; at > 0; at -= 200) check += page[at];
    // The page that holds the byte at 2^30 is never used for content: SQLite locks there, and marks the
    // super-journal's name with its number.
    if (big32(number) == 0 || big32(number) == 0x40000000u / page_size + 1 || check != big32(sum)) return 0;
    if (!add_page(overlay, capacity, big32(number), *offset + 4)) return -1;
  }
  return 1;
}

static void refuse(struct journal_overlay *overlay) {
  weir_journal_close(overlay);
  overlay->state = WEIR_JOURNAL_REFUSED;
}

// Walks the segments of a journal whose first header is valid.
static void collect(struct journal_overlay *overlay, uint64_t size, uint32_t database_page_size) {
  struct segment segment;
  uint64_t offset = 0;
  uint32_t capacity = 0;
  unsigned char *page = malloc(overlay->page_size);
  if (!page) return refuse(overlay);
  int more = 1;
  while (more > 0 && offset + header_size <= size
         && read_segment(overlay->fd, offset, database_page_size, &segment)
         && segment.page_size == overlay->page_size) {
    offset += segment.sector_size;
    if (offset > size) break;
    more = read_records(overlay, &segment, size, &offset, page, &capacity);
    offset = (offset + segment.sector_size - 1) / segment.sector_size * segment.sector_size;
  }
  free(page);
  if (more < 0) return refuse(overlay);
  sort_pages(overlay);
}

void weir_journal_open(struct journal_overlay *overlay, const char *database_path, int database_fd) {
  *overlay = (struct journal_overlay){.fd = -1, .state = WEIR_JOURNAL_NONE};
  size_t length = strlen(database_path);
  char *path = malloc(length + 9);
  if (!path) return refuse(overlay);
  memcpy(path, database_path, length);
  memcpy(path + length, "-journal", 9);
  overlay->fd = weir_open_regular(path);
  free(path);
  // A journal that is there but not ours to read would leave a half-written transaction on the screen.
  if (overlay->fd < 0) {
    overlay->state = errno == ENOENT || errno == EINVAL ? WEIR_JOURNAL_NONE : WEIR_JOURNAL_REFUSED;
    return;
  }

  struct stat status;
  struct segment first;
  uint32_t page_size = page_size_of(database_fd);
  if (fstat(overlay->fd, &status) != 0) return refuse(overlay);
  uint64_t size = (uint64_t)status.st_size;
  if (!read_segment(overlay->fd, 0, page_size, &first)) return weir_journal_close(overlay);
  if (super_journal_is_gone(overlay->fd, size)) {
    weir_journal_close(overlay);
    overlay->state = WEIR_JOURNAL_FINISHED;
    return;
  }
  overlay->state = WEIR_JOURNAL_APPLIED;
  overlay->page_size = first.page_size;
  overlay->original_size = (uint64_t)first.original_pages * first.page_size;
  collect(overlay, size, page_size);
}

void weir_journal_close(struct journal_overlay *overlay) {
  if (overlay->fd >= 0) close(overlay->fd);
  free(overlay->pages);
  *overlay = (struct journal_overlay){.fd = -1, .state = WEIR_JOURNAL_NONE};
}

uint64_t weir_journal_find(const struct journal_overlay *overlay, uint32_t page_number) {
  uint32_t low = 0, high = overlay->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (overlay->pages[middle].number < page_number) low = middle + 1;
    else high = middle;
  }
  return low < overlay->count && overlay->pages[low].number == page_number ? overlay->pages[low].offset : 0;
}
