/* SPDX-License-Identifier: MIT */
/* Loaded before the C library: the n-th call of one kind fails, as a full or dying disk, a line
 * that breaks or a full memory makes it fail. Calls on files count below a folder, those for memory
 * from a size on.
 *
 *   FAULT_CALL=open|read|write|fsync|rename|truncate|lock|sweep|map|memory|net  FAULT_N=3
 *   FAULT_ROOT=/folder  FAULT_BYTES=65536  FAULT_MARK=/file
 *
 * The mark is made when the call has failed: a run without it had fewer calls. FAULT_CALL=any
 * counts all of them, and FAULT_ACT=kill ends the program by SIGKILL in the place of the call. */
#undef _FILE_OFFSET_BITS /* open and open64 are two functions here */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_FILES = 4096 };

static atomic_int calls;
static atomic_char inside[MOST_FILES]; /* by descriptor: a file below the folder */

static int
is_inside (const char *path)
{
  const char *root = getenv ("FAULT_ROOT");
  return root && path && strncmp (path, root, strlen (root)) == 0;
}

/* For a program that is linked to this: from now on the n-th allocation of so many bytes or more
 * fails. 0: none does. */
void few_fault_memory (int n, size_t bytes);
/* How many there were since then. */
int few_fault_calls (void);

static atomic_int own_n;
static atomic_size_t own_bytes;

void
few_fault_memory (int n, size_t bytes)
{
  atomic_store (&own_n, 0);
  atomic_store (&calls, 0);
  atomic_store (&own_bytes, bytes);
  atomic_store (&own_n, n);
}

int
few_fault_calls (void)
{
  return atomic_load (&calls);
}

/* Whether this call, of a file below the folder, is the one that fails. */
static int
fails (const char *call)
{
  const char *wanted = getenv ("FAULT_CALL");
  const char *n = getenv ("FAULT_N");
  const char *mark = getenv ("FAULT_MARK");
  const char *act = getenv ("FAULT_ACT");
  if (!wanted || !n || (strcmp (wanted, call) != 0 && strcmp (wanted, "any") != 0)
      || atomic_fetch_add (&calls, 1) + 1 != atoi (n))
    return 0;
  if (act && strcmp (act, "kill") == 0)
    syscall (SYS_kill, (int) getpid (), SIGKILL);
  if (mark)
    close ((int) syscall (SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  return 1;
}

static int
knows (int fd)
{
  return fd >= 0 && fd < MOST_FILES && inside[fd];
}

static int
open_file (int folder, const char *path, int flags, mode_t mode)
{
  int ours = is_inside (path);
  if (ours && fails ("open"))
    {
      errno = flags & O_CREAT ? ENOSPC : EIO;
      return -1;
    }
  int fd = (int) syscall (SYS_openat, folder, path, flags, mode);
  if (fd >= 0 && fd < MOST_FILES)
    inside[fd] = (char) ours;
  return fd;
}

#define MODE_OF(flags)                                                                             \
  va_list args;                                                                                    \
  va_start (args, flags);                                                                          \
  mode_t mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg (args, mode_t) : 0;                       \
  va_end (args)

int
open (const char *path, int flags, ...)
{
  MODE_OF (flags);
  return open_file (AT_FDCWD, path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  MODE_OF (flags);
  return open_file (AT_FDCWD, path, flags, mode);
}

ssize_t
read (int fd, void *data, size_t size)
{
  if (knows (fd) && fails ("read"))
    {
      errno = EIO;
      return -1;
    }
  return syscall (SYS_read, fd, data, size);
}

ssize_t
pread64 (int fd, void *data, size_t size, off64_t at)
{
  if (knows (fd) && fails ("read"))
    {
      errno = EIO;
      return -1;
    }
  return syscall (SYS_pread64, fd, data, size, at);
}

ssize_t
pread (int fd, void *data, size_t size, off_t at)
{
  return pread64 (fd, data, size, at);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  if (knows (fd) && fails ("write"))
    {
      errno = ENOSPC;
      return -1;
    }
  return syscall (SYS_write, fd, data, size);
}

ssize_t
pwrite64 (int fd, const void *data, size_t size, off64_t at)
{
  if (knows (fd) && fails ("write"))
    {
      errno = ENOSPC;
      return -1;
    }
  return syscall (SYS_pwrite64, fd, data, size, at);
}

ssize_t
pwrite (int fd, const void *data, size_t size, off_t at)
{
  return pwrite64 (fd, data, size, at);
}

int
fsync (int fd)
{
  if (knows (fd) && fails ("fsync"))
    {
      errno = EIO;
      return -1;
    }
  return (int) syscall (SYS_fsync, fd);
}

int
fdatasync (int fd)
{
  if (knows (fd) && fails ("fsync"))
    {
      errno = EIO;
      return -1;
    }
  return (int) syscall (SYS_fdatasync, fd);
}

int
renameat2 (int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
  if (is_inside (to) && fails ("rename"))
    {
      errno = EIO;
      return -1;
    }
  return (int) syscall (SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int
rename (const char *from, const char *to)
{
  return renameat2 (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
ftruncate64 (int fd, off64_t size)
{
  if (knows (fd) && fails ("truncate"))
    {
      errno = ENOSPC;
      return -1;
    }
  return (int) syscall (SYS_ftruncate, fd, size);
}

int
ftruncate (int fd, off_t size)
{
  return ftruncate64 (fd, size);
}

/* ---- locks: SQLite's and ours */

/* Somebody took what is to be locked for a leftover: an empty folder is removed. */
static void
remove_locked (int fd)
{
  char link[64];
  char path[4096];
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink (link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  rmdir (path);
}

int
flock (int fd, int operation)
{
  if (knows (fd) && fails ("sweep"))
    remove_locked (fd);
  if (knows (fd) && fails ("lock"))
    {
      errno = ENOLCK;
      return -1;
    }
  return (int) syscall (SYS_flock, fd, operation);
}

int
fcntl64 (int fd, int command, ...)
{
  va_list args;
  va_start (args, command);
  void *argument = va_arg (args, void *);
  va_end (args);
  /* letting go never fails */
  int takes = (command == F_SETLK || command == F_SETLKW)
              && ((const struct flock *) argument)->l_type != F_UNLCK;
  if (takes && knows (fd) && fails ("lock"))
    {
      errno = ENOLCK;
      return -1;
    }
  return (int) syscall (SYS_fcntl, fd, command, argument);
}

/* ---- memory */

void *
mmap64 (void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
  if (knows (fd) && fails ("map"))
    {
      errno = ENOMEM;
      return MAP_FAILED;
    }
  return (void *) syscall (SYS_mmap, at, size, protection, flags, fd, offset);
}

void *
mmap (void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
  return mmap64 (at, size, protection, flags, fd, offset);
}

extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *old, size_t size);
extern void *__libc_memalign (size_t alignment, size_t size);

static int
is_refused (size_t size)
{
  int n = atomic_load (&own_n);
  if (n > 0)
    {
      int is_it = size >= atomic_load (&own_bytes) && atomic_fetch_add (&calls, 1) + 1 == n;
      errno = is_it ? ENOMEM : errno;
      return is_it;
    }
  const char *least = getenv ("FAULT_BYTES");
  if (!least || size < (size_t) atoll (least) || !fails ("memory"))
    return 0;
  errno = ENOMEM;
  return 1;
}

void *
malloc (size_t size)
{
  return is_refused (size) ? NULL : __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  return is_refused (n * size) ? NULL : __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  return is_refused (size) ? NULL : __libc_realloc (old, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return is_refused (size) ? NULL : __libc_memalign (alignment, size);
}

int
posix_memalign (void **out, size_t alignment, size_t size)
{
  *out = is_refused (size) ? NULL : __libc_memalign (alignment, size);
  return *out ? 0 : ENOMEM;
}

/* ---- the network: what libcurl calls */

int
socket (int domain, int type, int protocol)
{
  if (domain != AF_UNIX && fails ("net"))
    {
      errno = EMFILE;
      return -1;
    }
  return (int) syscall (SYS_socket, domain, type, protocol);
}

int
connect (int fd, const struct sockaddr *address, socklen_t size)
{
  if (address->sa_family != AF_UNIX && fails ("net"))
    {
      errno = ENETUNREACH;
      return -1;
    }
  return (int) syscall (SYS_connect, fd, address, size);
}

ssize_t
send (int fd, const void *data, size_t size, int flags)
{
  if (fails ("net"))
    {
      errno = EPIPE;
      return -1;
    }
  return syscall (SYS_sendto, fd, data, size, flags, NULL, 0);
}

ssize_t
recv (int fd, void *data, size_t size, int flags)
{
  if (fails ("net"))
    {
      errno = ECONNRESET;
      return -1;
    }
  return syscall (SYS_recvfrom, fd, data, size, flags, NULL, NULL);
}
