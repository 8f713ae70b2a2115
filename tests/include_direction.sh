#!/usr/bin/env bash
# Reads the #include lines and checks that they go one way:
#   base <- contract <- sim, and contract <- tensor <- worldmodel <- policies; both <- training <- evaluation <- viewer
#   <- apps; report and render below training; bench beside evaluation; python beside apps; interop beside evaluation, below viewer.
# Also checks that every file lives in its folder's namespace: reverie::<folder>.
# Usage: include_direction.sh SOURCE_DIRECTORY. Prints each violation; exit 1 when there is one.
set -euo pipefail

cd "${1:?usage: include_direction.sh SOURCE_DIRECTORY}"

# What a folder may include of the others (tests may include everything).
model="base contract tensor worldmodel policies"
declare -A allowed=(
  [base]="base"
  [contract]="base contract"
  [sim]="base contract sim"
  [report]="base report"
  [render]="base contract sim render"
  [tensor]="base contract tensor"
  [worldmodel]="base contract tensor worldmodel"
  [policies]="$model"
  [training]="$model sim report render training"
  [evaluation]="$model sim report render training evaluation"
  [bench]="$model sim report training bench"
  [viewer]="$model sim report render training evaluation interop viewer"
  [python]="$model sim training evaluation interop python"
  [interop]="$model sim report training interop"
  [apps]="$model sim report render training evaluation bench viewer interop apps"
)

violations=0
complain() {
  echo "$1: includes $2: $3"
  violations=$((violations + 1))
}

check_own() {  # file, its folder, a path below one of our folders
  local file=$1 folder=$2 path=$3 target=${3%%/*}
  [[ " ${allowed[$folder]} " == *" $target "* ]] || complain "$file" "$path" "$folder/ may include only ${allowed[$folder]}"
}

check_outside() {  # file, its folder, a header of a library
  local file=$1 folder=$2 path=$3
  case $path in
    mujoco/* | mujoco.h)
      [[ $folder =~ ^(sim|render|evaluation|viewer|bench)$ ]] ||
        complain "$file" "$path" "MuJoCo only in sim/, render/, evaluation/, viewer/ and bench/"
      ;;
    torch/* | ATen/* | c10/*)
      [[ $folder =~ ^(base|contract|sim|report|render|python)$ ]] && complain "$file" "$path" "no torch in $folder/"
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

while read -r file; do
  folder=${file%%/*}
  grep -qE "^namespace reverie::$folder(::[a-z_:]+)? \\{" "$file" && continue
  echo "$file: no 'namespace reverie::$folder {': every folder has a namespace of its own"
  violations=$((violations + 1))
done < <(grep -rlE --include='*.h' --include='*.cc' '^namespace reverie' "${folders[@]}")

if ((count == 0)); then
  echo "no #include lines found under $PWD"
  exit 1
fi
((violations == 0)) || exit 1
