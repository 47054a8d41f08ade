#define _GNU_SOURCE
#include "crash_guard.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
#define FATAL_COUNT (sizeof fatal / sizeof fatal[0])

// All of it is written before `armed` is set and not changed while it is.
static struct {
  int file;
  pid_t owner;
  struct termios modes;
  char bytes[512];
  size_t count;
  struct sigaction before[FATAL_COUNT];
} guard;
static atomic_int armed, registered;

void weir_crash_guard_restore(void) {
  // A child between fork and exec shares the terminal but does not own it.
  if (!atomic_load(&armed) || getpid() != guard.owner) return;
  if (!atomic_exchange(&armed, 0)) return;
  const char *at = guard.bytes;
  size_t left = guard.count;
  while (left > 0) {
    ssize_t done = write(guard.file, at, left);
    if (done <= 0) break;
    at += done;
    left -= (size_t)done;
  }
  // From the background this would stop us, and nobody would be there to continue a crash.
  signal(SIGTTOU, SIG_IGN);
  tcsetattr(guard.file, TCSANOW, &guard.modes);
}

static const char *name_of(int number) {
  switch (number) {
    case SIGILL: return "SIGILL";
    case SIGTRAP: return "SIGTRAP";
    case SIGABRT: return "SIGABRT";
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    default: return "SIGFPE";
  }
}

static void say(const char *text) {
  ssize_t ignored = write(2, text, strlen(text));
  (void)ignored;
}

static void on_fatal(int number) {
  int mine = atomic_load(&armed) && getpid() == guard.owner;
  weir_crash_guard_restore();
  if (mine) {
    say("weir: stopped by a mistake of its own (");
    say(name_of(number));
    say("); the terminal has been given back\n");
  }
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}

int weir_crash_guard_arm(int file, const struct termios *modes, const char *bytes, size_t count) {
  if (count > sizeof guard.bytes) return -1;
  weir_crash_guard_disarm();
  guard.file = file;
  guard.owner = getpid();
  guard.modes = *modes;
  memcpy(guard.bytes, bytes, count);
  guard.count = count;
  atomic_store(&armed, 1);
  if (!atomic_exchange(&registered, 1)) atexit(weir_crash_guard_restore);
  weir_crash_guard_thread();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_fatal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < FATAL_COUNT; i++) sigaction(fatal[i], &action, &guard.before[i]);
  return 0;
}

void weir_crash_guard_disarm(void) {
  if (!atomic_exchange(&armed, 0)) return;
  for (size_t i = 0; i < FATAL_COUNT; i++) {
    // Whoever has taken a signal over since then calls us in turn and must stay.
    struct sigaction now;
    if (sigaction(fatal[i], NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == on_fatal)
      sigaction(fatal[i], &guard.before[i], NULL);
  }
}

void weir_crash_guard_thread(void) {
  stack_t stack;
  if (sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE)) return;
  memset(&stack, 0, sizeof stack);
  stack.ss_size = 64 * 1024;
  stack.ss_sp = malloc(stack.ss_size);
  if (stack.ss_sp && sigaltstack(&stack, NULL) != 0) free(stack.ss_sp);
}
