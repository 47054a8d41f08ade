// The two calls of libFuzzer that this program makes; LLVM's compiler-rt defines them.
#ifndef WEIR_FUZZ_H
#define WEIR_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/// What takes one input. Returns 0; -1 keeps the input out of the corpus.
typedef int (*weir_fuzz_entry)(const uint8_t *bytes, size_t count);

/// libFuzzer's main loop: reads its own flags from `arguments`, calls `entry` again and again.
int LLVMFuzzerRunDriver(int *count, char ***arguments, weir_fuzz_entry entry);

#endif
