// Linux descriptors that the Glibc module does not show to Swift: eventfd and signalfd.
#ifndef WEIR_EVENTS_H
#define WEIR_EVENTS_H
#include <signal.h>

/// A descriptor that becomes readable when woken; closed on exec, never blocking. -1 when the system refuses.
int weir_wakeup_open(void);
void weir_wakeup_post(int descriptor);
/// Makes it unreadable again.
void weir_wakeup_drain(int descriptor);

/// A descriptor from which the (blocked) signals of the set are read.
int weir_signals_open(const sigset_t *signals);
/// The next signal that arrived, or 0 when there is none.
int weir_signals_next(int descriptor);

#endif
