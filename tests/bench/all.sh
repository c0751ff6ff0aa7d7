#!/bin/sh
# SPDX-License-Identifier: MIT
# Every benchmark that has a peer, one after the other, and what came out as one table in Markdown
# on standard output: ours, the peers, the machine's limit, the ratios, and the machine.
#
#     tests/bench/all.sh BUILD_FOLDER [ROUNDS] [--quick]
#
# --quick: fewer pictures and seconds, to see that everything runs and where a machine stands.
# PYTHON names the Python that has the peers (onnxruntime, openvino, onnx, torch, safetensors,
# pillow); what each benchmark says meanwhile goes to standard error. One that fails is named there
# and has no row. 20 minutes where nothing else runs.
set -u
build=$(realpath "${1:?usage: all.sh BUILD_FOLDER [ROUNDS] [--quick]}")
rounds=3
seconds=2
pictures=200
shift
for word; do
  if [ "$word" = --quick ]; then
    seconds=0.3
    pictures=24
  else
    rounds=$word
  fi
done
here=$(dirname "$(realpath "$0")")
python=${PYTHON:-python3}
record=$(mktemp)
trap 'rm -f "$record"' EXIT
failed=

measure() {
  script=$1
  shift
  echo "# $script" >&2
  FEWSHOT_BENCH_RECORD=$record "$python" "$here/$script" "$build" --rounds "$rounds" "$@" >&2 ||
    failed="$failed $script"
}

measure forward.py --seconds "$seconds"
measure folder.py --pictures "$pictures"
measure train.py
measure coop.py
measure open.py
measure pull.py
"$python" "$here/record.py" "$record"
[ -z "$failed" ] || echo "# failed:$failed" >&2
[ -z "$failed" ]
