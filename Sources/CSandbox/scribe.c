#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The answer to a path: an error number, and with 0 a descriptor beside it.
static void answer(int socket, int code, int file) {
  struct iovec part = {.iov_base = &code, .iov_len = sizeof code};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (code == 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &file, sizeof file);
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

static void serve(int socket) {
  // The keyboard speaks to the program; this helper ends when the socket does.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  char path[PATH_MAX];
  for (;;) {
    ssize_t count = recv(socket, path, sizeof path - 1, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(0);
    path[count] = 0;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    answer(socket, file < 0 ? errno : 0, file);
    if (file >= 0) close(file);
  }
}

int weir_scribe_start(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    serve(ends[1]);
  }
  close(ends[1]);
  if (child > 0) return ends[0];
  close(ends[0]);
  return -1;
}

int weir_scribe_create(int scribe, const char *path) {
  size_t length = strlen(path);
  if (length == 0 || length >= PATH_MAX) {
    errno = length == 0 ? ENOENT : ENAMETOOLONG;
    return -1;
  }
  if (send(scribe, path, length, MSG_NOSIGNAL) < 0) return -1;
  int code = EIO;
  struct iovec part = {.iov_base = &code, .iov_len = sizeof code};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do count = recvmsg(scribe, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count != sizeof code) {
    if (count >= 0) errno = EPIPE;
    return -1;
  }
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (code == 0 && header && header->cmsg_type == SCM_RIGHTS) {
    int file;
    memcpy(&file, CMSG_DATA(header), sizeof file);
    return file;
  }
  errno = code ? code : EIO;
  return -1;
}
