#define _GNU_SOURCE
#include "mapping.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// One slot for each mapping. `base` is published last and withdrawn first, so that the handler, which may run
// at any moment on any thread, never sees half a slot.
#define SLOTS 64
static struct {
  _Atomic uintptr_t base;
  _Atomic size_t count;
  atomic_int taken, cut;
} slots[SLOTS];

static struct sigaction before;
static atomic_int installed;

// Only calls that are safe in a signal handler: mmap is a plain system call here.
static void on_bus_error(int number, siginfo_t *info, void *context) {
  uintptr_t at = (uintptr_t)info->si_addr;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < SLOTS; i++) {
    uintptr_t base = atomic_load(&slots[i].base);
    if (!base || at < base || at - base >= atomic_load(&slots[i].count)) continue;
    void *target = (void *)(at & ~(uintptr_t)(page - 1));
    if (mmap(target, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) break;
    atomic_store(&slots[i].cut, 1);
    return;
  }
  // Not ours: whoever was there before decides, and the default ends the program as it would have.
  if (before.sa_flags & SA_SIGINFO && before.sa_sigaction) {
    before.sa_sigaction(number, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN && before.sa_handler) {
    before.sa_handler(number);
  } else {
    signal(SIGBUS, SIG_DFL);
  }
}

static void install(void) {
  if (atomic_exchange(&installed, 1)) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &before);
}

const void *weir_map(const char *path, size_t *count) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  struct stat status;
  int slot = -1;
  void *base = MAP_FAILED;
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    install();
    for (int i = 0; i < SLOTS && slot < 0; i++)
      if (!atomic_exchange(&slots[i].taken, 1)) slot = i;
    if (slot < 0) errno = EMFILE;
    else base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
  } else if (!errno) {
    errno = EINVAL;
  }
  int reason = errno;
  close(file);
  errno = reason;
  if (slot < 0) return NULL;
  if (base == MAP_FAILED) {
    atomic_store(&slots[slot].taken, 0);
    return NULL;
  }
  *count = (size_t)status.st_size;
  atomic_store(&slots[slot].cut, 0);
  atomic_store(&slots[slot].count, *count);
  atomic_store(&slots[slot].base, (uintptr_t)base);
  return base;
}

static int slot_of(const void *base) {
  for (int i = 0; i < SLOTS; i++)
    if (atomic_load(&slots[i].base) == (uintptr_t)base) return i;
  return -1;
}

void weir_unmap(const void *base, size_t count) {
  int slot = slot_of(base);
  if (slot >= 0) atomic_store(&slots[slot].base, 0);
  munmap((void *)(uintptr_t)base, count);
  if (slot >= 0) atomic_store(&slots[slot].taken, 0);
}

int weir_map_was_cut(const void *base) {
  int slot = slot_of(base);
  return slot >= 0 && atomic_load(&slots[slot].cut);
}

double weir_cached_share(int file, size_t offset, size_t count) {
  enum { samples = 16 };
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t start = offset & ~(page - 1);
  size_t length = offset + count - start;
  // A mapping that is never touched: mincore looks at the page cache behind it.
  uint8_t *base = mmap(NULL, length, PROT_READ, MAP_SHARED, file, (off_t)start);
  if (base == MAP_FAILED) return 1;
  int cached = 0;
  for (int i = 0; i < samples; i++) {
    unsigned char found = 1;
    mincore(base + (length / samples * (size_t)i & ~(page - 1)), page, &found);
    cached += found & 1;
  }
  munmap(base, length);
  return (double)cached / samples;
}

void weir_map_release(const void *base, size_t count) { madvise((void *)base, count, MADV_DONTNEED); }

// From linux/ioprio.h, which glibc does not wrap.
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_CLASS_IDLE 3

int weir_io_priority(int priority) {
  int before = (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
  syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, priority);
  return before;
}

int weir_io_idle(void) { return weir_io_priority(IOPRIO_CLASS_IDLE << 13); }
