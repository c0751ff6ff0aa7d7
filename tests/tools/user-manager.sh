#!/bin/bash
# SPDX-License-Identifier: MIT
# user-manager.sh UNITS COMMAND…: runs COMMAND beside a real systemd of a user, of its own: with the
# units of UNITS, those of systemd that these stand on, a home and a control group of its own, and
# without D-Bus and journal. It works where the computer was not started by systemd, too. All is
# stopped at the end. As root, for the groups. Exit code 77, with the reason, where that cannot be.
set -eu
manager=/usr/lib/systemd/systemd
[ -x $manager ] || manager=/lib/systemd/systemd
[ -x $manager ] || { echo "there is no systemd (Debian: systemd)" && exit 77; }
[ "$(id -u)" = 0 ] || { echo "control groups are made as root only" && exit 77; }
# what is mounted here ends with the script
unshare --mount true 2>/dev/null || { echo "nothing can be mounted here" && exit 77; }
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] ||
  exec unshare --mount --propagation private "$0" "$@"
groups=$(awk '$3 == "cgroup2" || $3 == "cgroup" && $4 ~ /name=systemd/ { print $2 }' /proc/mounts)
[ -n "$groups" ] || { echo "no control groups are mounted" && exit 77; }
# by this folder systemd knows that it may run; sockets' addresses are short there
[ -d /run/systemd/system ] || mount -t tmpfs -o mode=755 none /run
mkdir -p /run/systemd/system

folder=$(mktemp -d "${TMPDIR:-/tmp}/user-XXXXXX")
group=fewshot-test-$$
XDG_RUNTIME_DIR=$(mktemp -d /run/fewshot-XXXXXX)
export XDG_RUNTIME_DIR HOME=$folder XDG_CONFIG_HOME=$folder/.config
export XDG_CACHE_HOME=$folder/.cache XDG_DATA_HOME=$folder/.local/share
unset DBUS_SESSION_BUS_ADDRESS NOTIFY_SOCKET
members() {
  for parent in $groups; do
    find "$parent/$group" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done
}
stop() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; } || break
    sleep 0.1
  done
  # shellcheck disable=SC2046
  kill -9 $(members) 2>/dev/null || true
  wait
  for parent in $groups; do
    find "$parent/$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "$folder" "$XDG_RUNTIME_DIR"
}

pid=
trap stop EXIT
mkdir -p "$folder/units" "$XDG_CONFIG_HOME/systemd/user"
for name in basic default exit paths shutdown sockets timers; do
  cp "/usr/lib/systemd/user/$name.target" "$folder/units"
done
cp /usr/lib/systemd/user/{app.slice,systemd-exit.service} "$1"/* "$folder/units"
shift
# where enabling a unit writes to comes first
export SYSTEMD_UNIT_PATH=$XDG_CONFIG_HOME/systemd/user:$folder/units
for parent in $groups; do
  mkdir "$parent/$group" 2>/dev/null || {
    echo "no control group can be made in $parent"
    exit 77
  }
done
(
  for parent in $groups; do echo $BASHPID >"$parent/$group/cgroup.procs"; done
  exec $manager --user --log-target=console --log-level=info >"$folder/log" 2>&1
) &
pid=$!
state=
for _ in $(seq 600); do
  state=$(systemctl --user is-system-running 2>/dev/null || true)
  case $state in running | degraded) break ;; esac
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.1
done
if [ "$state" = degraded ]; then
  systemctl --user --failed >&2
  exit 1
elif [ "$state" != running ]; then
  echo "systemd does not start here: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
  exit 77
fi
status=0
"$@" || status=$?
[ $status = 0 ] || grep -v -e 'Starting' -e 'Started' "$folder/log" >&2
exit $status
