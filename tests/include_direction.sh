#!/usr/bin/env bash
# Reads the #include lines and checks that they go one way:
#   base <- sim <- worldmodel <- policies <- training <- evaluation <- viewer <- apps; report and render below training.
# Usage: include_direction.sh SOURCE_DIRECTORY. Prints each violation; exit 1 when there is one.
set -euo pipefail

cd "${1:?usage: include_direction.sh SOURCE_DIRECTORY}"

# What a folder may include of the others (tests and bench may include everything).
declare -A allowed=(
  [base]="base"
  [sim]="base sim"
  [report]="base report"
  [render]="base sim report render"
  [worldmodel]="base worldmodel"
  [policies]="base worldmodel policies"
  [training]="base sim worldmodel policies report render training"
  [evaluation]="base sim worldmodel policies report render training evaluation"
  [viewer]="base sim worldmodel policies report render training evaluation viewer"
  [apps]="base sim worldmodel policies report render training evaluation viewer apps"
)
# Plain data of sim/, without MuJoCo: worldmodel and policies may see these.
plain=" sim/env_spec.h sim/episode.h sim/world.h sim/rng.h "

violations=0
complain() {
  echo "$1: includes $2: $3"
  violations=$((violations + 1))
}

check_own() {  # file, its folder, a path below one of our folders
  local file=$1 folder=$2 path=$3 target=${3%%/*}
  [[ " ${allowed[$folder]} " == *" $target "* ]] && return
  if [[ $folder == worldmodel || $folder == policies ]]; then
    [[ $plain == *" $path "* ]] && return
    [[ $target == sim ]] && complain "$file" "$path" "$folder/ sees only${plain% } of sim/" && return
  fi
  complain "$file" "$path" "$folder/ may include only ${allowed[$folder]}"
}

check_outside() {  # file, its folder, a header of a library
  local file=$1 folder=$2 path=$3
  case $path in
    mujoco/* | mujoco.h)
      [[ $folder =~ ^(sim|render|evaluation|viewer)$ ]] ||
        complain "$file" "$path" "MuJoCo only in sim/, render/, evaluation/ and viewer/"
      ;;
    torch/* | ATen/* | c10/*)
      [[ $folder =~ ^(base|sim|report|render)$ ]] && complain "$file" "$path" "no torch in $folder/"
      [[ $file == *.h && $path == torch/torch.h ]] &&
        complain "$file" "$path" "costs 12 seconds a file: headers take <ATen/core/Tensor.h>"
      ;;
    imgui* | implot* | GLFW/*)
      [[ $folder == viewer ]] || complain "$file" "$path" "the window's libraries only in viewer/"
      ;;
  esac
  return 0
}

folders=()
for folder in "${!allowed[@]}"; do [[ -d $folder ]] && folders+=("$folder"); done
count=0
while IFS=: read -r file path; do
  count=$((count + 1))
  folder=${file%%/*} target=${path%%/*}
  if [[ $path == */* && -n ${allowed[$target]:-} ]]; then
    check_own "$file" "$folder" "$path"
  else
    check_outside "$file" "$folder" "$path"
  fi
done < <(grep -rHE --include='*.h' --include='*.cc' '^[[:space:]]*#[[:space:]]*include' "${folders[@]}" |
  sed -E 's/^([^:]+):[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1:\2/')

if ((count == 0)); then
  echo "no #include lines found under $PWD"
  exit 1
fi
((violations == 0)) || exit 1
