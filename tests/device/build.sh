#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh PACK OUTPUT [GENERATION]: libfewshot-cuda.so for one generation of GPUs (90: H100), with
# the nvcc and the cuBLAS that are here, whether CUDA was installed whole or as Python packages.
# NVCC and CC name other compilers.
set -eu
cc=${CC:-cc}
pack=$1 output=$2 generation=${3:-90}
cd "$(dirname "$0")/../../engine"
nvcc=${NVCC:-$(command -v nvcc || ls /usr/local/cuda/bin/nvcc)}
packages=$("${PYTHON:-python3}" -c 'import site; print(*site.getsitepackages(), sep="\n")' || true)
roots=$(dirname "$(dirname "$(realpath "$nvcc")")")
for folder in /usr/local/cuda $packages; do
  for part in . nvidia/cu13 nvidia/cublas nvidia/cuda_runtime; do
    [ ! -d "$folder/$part/include" ] || roots="$roots $folder/$part"
  done
done
includes=() libraries=()
for root in $roots; do
  includes+=(-isystem "$root/include")
  for folder in "$root"/lib64 "$root"/lib "$root"/targets/x86_64-linux/lib; do
    [ ! -d "$folder" ] || libraries+=("$folder")
  done
done
# find_library NAME…: the path of the first that is anywhere
find_library() {
  local name folder
  for name in "$@"; do
    for folder in "${libraries[@]}"; do
      [ ! -e "$folder/$name" ] || { echo "$folder/$name" && return; }
    done
  done
  echo "none of $* is here" >&2
  return 1
}
cublas=$(find_library libcublas.so libcublas.so.13 libcublas.so.12)
cublaslt=$(find_library libcublasLt.so libcublasLt.so.13 libcublasLt.so.12)
cudart=$(find_library libcudart_static.a libcudart.so libcudart.so.13 libcudart.so.12)
objects=$(mktemp -d -t fewshot-module-XXXXXX)
trap 'rm -rf "$objects"' EXIT
for include in "$pack"/include/*; do
  includes+=(-isystem "$include")
done
jobs_left=()
for source in backend/cuda/*.cu; do
  "$nvcc" -std=c++17 -O3 -gencode="arch=compute_$generation,code=sm_$generation" \
    -gencode="arch=compute_$generation,code=compute_$generation" "${includes[@]}" \
    -Xcompiler -fPIC,-fvisibility=hidden,-fno-exceptions,-fno-threadsafe-statics \
    -c "$source" -o "$objects/$(basename "$source").o" &
  jobs_left+=($!)
done
for source in backend/cuda/[!l]*.c; do # loader.c is the library's
  # shellcheck disable=SC2086 # "ccache gcc" is two words
  $cc -std=gnu11 -O2 -fPIC -fvisibility=hidden -I. -Iinclude "${includes[@]}" \
    -c "$source" -o "$objects/$(basename "$source").o" &
  jobs_left+=($!)
done
for job in "${jobs_left[@]}"; do
  wait "$job"
done
# shellcheck disable=SC2086
$cc -shared -o "$output" "$objects"/*.o "$cublas" "$cublaslt" "$cudart" -lpthread -ldl -lrt \
  "-Wl,-rpath,$(dirname "$cublas"):$(dirname "$cudart")" -Wl,--as-needed
