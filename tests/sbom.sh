#!/usr/bin/env bash
# Checks the list of parts that the build wrote: every pinned file with its hash, every library that is loaded.
# Usage: sbom.sh SOURCE_DIRECTORY BUILD_DIRECTORY
set -euo pipefail
python3 - "$@" <<'CHECK'
import glob, json, re, subprocess, sys
source, build = sys.argv[1:]
document = json.load(open(f"{build}/reverie.spdx.json", encoding="utf-8"))
assert document["spdxVersion"] == "SPDX-2.3", document["spdxVersion"]
packages = {one["name"]: one for one in document["packages"]}
ids = [one["SPDXID"] for one in document["packages"]]
assert len(ids) == len(set(ids)), "an identifier is there twice"
pins = {}
for path in glob.glob(f"{source}/requirements-*.txt"):
    for line in open(path, encoding="utf-8"):
        found = re.match(r"(\S+)==(\S+) --hash=sha256:([0-9a-f]+)", line)
        if found:
            pins[found.group(1), found.group(2), found.group(3)] = path
named = {(one["name"], one["versionInfo"], one["checksums"][0]["checksumValue"])
         for one in document["packages"] if "checksums" in one and one["name"] != "reverie"}
assert named and named <= set(pins), named - set(pins)
for name in ("torch", "mujoco", "imgui-bundle", "imgui", "implot", "libcairo2", "libc6", "nlohmann-json3-dev"):
    assert name in packages, name
for name, one in packages.items():
    assert one["licenseDeclared"] != "NOASSERTION", f"{name}: no licence; cmake/sbom.py lists those that Debian does not tell"
libraries = subprocess.run(["ldd", f"{build}/reverie"], capture_output=True, text=True).stdout
for path in re.findall(r"=> (/\S+)", libraries):
    owner = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True).stdout.split(":")[0]
    assert not owner or owner in packages, f"{path} of {owner} is missing"
CHECK
