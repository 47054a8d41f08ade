// What the benchmarks need from C: the yardstick that hops over batch headers, and a pseudo-terminal.
#ifndef WEIR_BENCH_H
#define WEIR_BENCH_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What hopping over the headers of a Kafka segment finds.
typedef struct {
  uint64_t batches, records;
  /// Sum of the batches' base offsets and largest timestamps: whoever claims to have read them agrees.
  uint64_t checksum;
} bench_hop_result;

/// HOP: the least that an index without index files must do. Reads length, offset, time and count of every
/// batch of format 2; checks nothing.
bench_hop_result bench_hop(const void *bytes, size_t count);

/// Maps a file for reading; NULL on failure. `bench_unmap` gives it back.
const void *bench_map(const char *path, size_t *count);
void bench_unmap(const void *bytes, size_t count);

/// Starts a program on a pseudo-terminal of its own. Returns the master side's descriptor, -1 on failure.
int bench_spawn(char *const arguments[], int columns, int rows, pid_t *process);

#endif
