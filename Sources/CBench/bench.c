#define _GNU_SOURCE
#include "bench.h"
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t big32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}

static uint64_t big64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

bench_hop_result bench_hop(const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  bench_hop_result result = {0, 0, 0};
  size_t at = 0;
  while (count - at >= 61) {
    size_t length = (size_t)big32(p + at + 8) + 12;
    if (length < 61 || length > count - at) break;
    result.batches++;
    result.records += big32(p + at + 57);
    result.checksum += big64(p + at) + big64(p + at + 35);
    at += length;
  }
  return result;
}

const void *bench_map(const char *path, size_t *count) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  struct stat status;
  void *bytes = MAP_FAILED;
  if (fstat(file, &status) == 0) {
    *count = (size_t)status.st_size;
    bytes = mmap(NULL, *count, PROT_READ, MAP_PRIVATE, file, 0);
  }
  close(file);
  return bytes == MAP_FAILED ? NULL : bytes;
}

void bench_unmap(const void *bytes, size_t count) { munmap((void *)bytes, count); }

int bench_spawn(char *const arguments[], int columns, int rows, pid_t *process) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  int master = -1;
  *process = forkpty(&master, NULL, NULL, &size);
  if (*process < 0) return -1;
  if (*process == 0) {
    // The same terminal everywhere, whatever the caller's is.
    setenv("TERM", "xterm-256color", 1);
    setenv("LANG", "C.UTF-8", 1);
    unsetenv("COLORTERM");
    unsetenv("NO_COLOR");
    execv(arguments[0], arguments);
    _exit(127);
  }
  return master;
}
