#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "javascript.h"
#include "library.h"

// Every right that a Landlock ABI of this number knows about. Rights are handled (that is: denied) without
// any rule that gives one back, but for what the engine itself reads.
static int landlock(void) {
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return 0;
  // ABI 1 has 13 rights on files; 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV; 4 adds binding and connecting TCP.
  struct {
    __u64 files;
    __u64 network;
  } rules = {.files = (1ull << 13) - 1, .network = 0};
  if (abi >= 2) rules.files |= 1ull << 13;
  if (abi >= 3) rules.files |= 1ull << 14;
  if (abi >= 5) rules.files |= 1ull << 15;
  if (abi >= 4) rules.network = 3;
  size_t size = abi >= 4 ? sizeof rules : sizeof rules.files;
  long set = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (set < 0) return 0;
  // The engine seeds its allocators and looks up its stack when a context is made; a fold has no way to
  // either.
  const char *needed[] = {"/dev/urandom", "/proc/self"};
  for (int i = 0; i < 2; i++) {
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = open(needed[i], O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0) continue;
    syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
  }
  long done = syscall(SYS_landlock_restrict_self, set, 0);
  close((int)set);
  return done == 0;
}

static pid_t starter;

static void on_processor_time(int number) {
  (void)number;
  if (getppid() != starter) _exit(0);
}

// A worker that waits sees its socket close when the program is gone; one that is inside an endless fold sees
// nothing. So each half second of processor time, and only then, it looks whether its parent is still there.
static void end_with_parent(void) {
  starter = getppid();
  struct sigaction action = {.sa_handler = on_processor_time, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  struct itimerval often = {.it_interval = {.tv_usec = 500000}, .it_value = {.tv_usec = 500000}};
  if (sigaction(SIGVTALRM, &action, NULL) == 0) setitimer(ITIMER_VIRTUAL, &often, NULL);
}

int weir_js_confine(void) {
  end_with_parent();
  weir_js_statm();
  int applied = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 1 : 0;
  if (landlock()) applied |= 4;
  struct rlimit none = {0, 0};
  struct rlimit few = {16, 16};
  int limits = setrlimit(RLIMIT_NOFILE, &few) | setrlimit(RLIMIT_FSIZE, &none) | setrlimit(RLIMIT_CORE, &none);
  return applied | (limits == 0 ? 2 : 0);
}

void weir_js_close_from(int first) {
  // Kernels before 5.9 do not know the call; then as many as a program is usually allowed to open.
  if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0) return;
  for (int descriptor = first; descriptor < 4096; descriptor++) close(descriptor);
}

int weir_js_shared_memory(size_t size) {
  int descriptor = memfd_create("weir-fold", MFD_CLOEXEC);
  if (descriptor >= 0 && ftruncate(descriptor, (off_t)size) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}
