#!/bin/bash
# Gates a CI job on a run's quality: status 0 when everything holds, 1 when something does not, 2 when it cannot be told.
#
#   evaluation/examples/ci_gate.sh RUN [CONDITION...]
#
# Without conditions: the lower end of the simulated return's interval, and the upper end of what the dream
# promises too much. REVERIE names the program (default: reverie), REVERIE_REPORT where the report goes.
set -u

run=${1:?"usage: ci_gate.sh RUN [CONDITION...]"}
shift
if [ $# -eq 0 ]; then
  set -- 'simulated_return.low>=500' 'return_bias.high<=50'
fi
gates=()
for condition in "$@"; do gates+=(--gate "$condition"); done

# The evaluation checks itself first: a gate that a broken measurement opens is worse than none.
"${REVERIE:-reverie}" evaluate --self-test "$run" --json > /dev/null || exit 2

"${REVERIE:-reverie}" evaluate "$run" --quick "${gates[@]}" --out "${REVERIE_REPORT:-report}" --json > gates.json
status=$?
# What was found, one line a condition; the page is an artefact of the job.
tr -d '\n' < gates.json | grep -o '"gate":"[^}]*' || true
exit $status
