#!/usr/bin/env bash
# The faults of the test suite in numbers: random corruptions of every kind of file, kills at random moments of three
# trainings, and faults of the machine (a power cut in any write, a disk that refuses, a directory that vanishes, no memory,
# a process that stands still for a minute). Usage: tests/chaos/many_faults.sh [CORRUPTIONS] [KILLS A TASK] [FAULTS A KIND]
set -euo pipefail
build=$(readlink -f "$(dirname "$0")/../../build")
export OMP_NUM_THREADS=1
REVERIE_CORRUPTIONS=${1:-1000} "$build/test_training" --gtest_brief=1 --gtest_filter='Corruption.Random*'
REVERIE_KILLS=${2:-70} "$build/test_apps" --gtest_brief=1 --gtest_filter='Kill.*'
REVERIE_FAULTS=${3:-50} REVERIE_STOPPED=60 "$build/test_apps" --gtest_brief=1 --gtest_filter='Chaos.*'
