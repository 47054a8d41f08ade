#include "events.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

int weir_wakeup_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void weir_wakeup_post(int descriptor) { (void)!eventfd_write(descriptor, 1); }

void weir_wakeup_drain(int descriptor) {
  eventfd_t count;
  (void)!eventfd_read(descriptor, &count);
}

int weir_signals_open(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK); }

int weir_signals_next(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}
