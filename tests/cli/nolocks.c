/* SPDX-License-Identifier: MIT */
/* Preloaded: a file system that has no locks. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>

typedef int (*Control) (int, int, ...);

static int
control (const char *name, int fd, int command, void *argument)
{
  Control next = (Control) dlsym (RTLD_NEXT, name);
  if (command == F_SETLK || command == F_SETLKW || command == F_GETLK)
    {
      errno = ENOLCK;
      return -1;
    }
  return next (fd, command, argument);
}

int
fcntl (int fd, int command, ...)
{
  va_list rest;
  va_start (rest, command);
  void *argument = va_arg (rest, void *);
  va_end (rest);
  return control ("fcntl", fd, command, argument);
}

int
fcntl64 (int fd, int command, ...)
{
  va_list rest;
  va_start (rest, command);
  void *argument = va_arg (rest, void *);
  va_end (rest);
  return control ("fcntl64", fd, command, argument);
}

int
flock (int fd, int operation)
{
  (void) fd;
  (void) operation;
  errno = ENOLCK;
  return -1;
}
