#!/bin/bash
# SPDX-License-Identifier: MIT
# slurm.sh COMMAND…: runs it beside a real Slurm of its own: munge, a controller and one node of
# four processors (as many as tasks run at a time, whatever the machine has) on loopback, in a
# temporary folder, stopped at the end. Partition "main" is preempted by "urgent". As root, for a
# node starts its tasks as their user. Exit code 77, with the reason, where that cannot be.
set -eu
PATH=$PATH:/usr/sbin:/sbin
missing=
for program in munged slurmctld slurmd sbatch; do
  command -v $program >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] || { echo "there is no$missing (Debian: slurm-wlm munge)" && exit 77; }
[ "$(id -u)" = 0 ] || { echo "Slurm's node starts tasks as root only" && exit 77; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/slurm-XXXXXX")
chmod 755 "$folder"
host=$(hostname -s)
started=()
stop() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for _ in $(seq 50); do
    left=
    for pid in "${started[@]}"; do
      if kill -0 "$pid" 2>/dev/null; then left="$left $pid"; fi
    done
    [ -n "$left" ] || break
    sleep 0.1
  done
  # shellcheck disable=SC2086
  [ -z "$left" ] || kill -9 $left 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
# two ports that are free now
read -r first second < <(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)), b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
mkdir -p "$folder/state" "$folder/spool"
cat >"$folder/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$first
SlurmdPort=$second
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=2
ReturnToService=2
MinJobAge=600
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=$host MaxTime=INFINITE State=UP PriorityTier=2
END
export SLURM_CONF=$folder/slurm.conf
head -c 1024 /dev/urandom >"$folder/munge.key"
chmod 400 "$folder/munge.key"
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
  --pid-file="$folder/munge.pid" --log-file="$folder/munge.log" \
  --seed-file="$folder/munge.seed" 2>"$folder/munge.err" &
started+=($!)
slurmctld -D -c 2>/dev/null &
started+=($!)
slurmd -D 2>/dev/null &
started+=($!)
for _ in $(seq 150); do
  state=$(sinfo -h -o %t -p main 2>/dev/null || true)
  [ "$state" != idle ] || break
  sleep 0.1
done
if [ "$state" != idle ]; then
  log=$(tail -n 2 "$folder"/slurm*.log "$folder"/munge.log | tr '\n' ' ')
  echo "Slurm does not start here: $log"
  exit 77
fi
status=0
"$@" || status=$?
exit $status
