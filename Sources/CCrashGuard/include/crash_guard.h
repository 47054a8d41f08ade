// Gives the terminal back when the program cannot do so itself: after a trap, an abort, a bad access, or an
// exit() from anywhere. Everything the handler does is async-signal-safe.
#pragma once
#include <stddef.h>
#include <termios.h>

// From now on a fatal signal (ILL TRAP ABRT SEGV BUS FPE) or an exit writes `bytes` to `file`, sets `modes`
// on it, and then ends the program as it would have ended without us. Handlers found before are put back by
// weir_crash_guard_disarm. Returns 0, or -1 when there are too many bytes.
int weir_crash_guard_arm(int file, const struct termios *modes, const char *bytes, size_t count);
void weir_crash_guard_disarm(void);

// Writes the bytes and sets the modes now, once, if armed.
void weir_crash_guard_restore(void);

// Gives the calling thread a stack for signal handlers, so that running out of its own stack is survived long
// enough to say so. Never freed: threads that call this live as long as the program.
void weir_crash_guard_thread(void);
