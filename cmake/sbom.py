#!/usr/bin/env python3
"""Writes the list of what the program is made of, as SPDX 2.3 in JSON.

Wheels come from the pinned requirements with their hashes. Shared libraries are those that the system's loader finds for
the binary; those of Debian are named by package and version, with the licence that the package's machine-readable
copyright file gives for the whole of it. Where there is none, THIRD_PARTY_NOTICES.md of this project tells. The file is
the same for the same inputs: its time is SOURCE_DATE_EPOCH, or the epoch.
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess

# Compiled in from headers or sources: no library of theirs is loaded.
HEADERS = ["nlohmann-json3-dev", "libcli11-dev", "libtomlplusplus-dev", "libfmt-dev", "libspdlog-dev", "libcairo2-dev"]
WHEELS = {"torch": "BSD-3-Clause", "mujoco": "Apache-2.0", "imgui-bundle": "MIT", "nanobind": "BSD-3-Clause"}
# What Debian's package does not say in a form that a machine reads, and names of licences as SPDX has them.
KNOWN = {"libcairo2": "LGPL-2.1-only OR MPL-1.1", "libcairo2-dev": "LGPL-2.1-only OR MPL-1.1", "libc6": "LGPL-2.1-or-later",
         "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1", "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
         "libgomp1": "GPL-3.0-or-later WITH GCC-exception-3.1", "zlib1g": "Zlib", "libfreetype6": "FTL OR GPL-2.0-or-later",
         "libpng16-16": "libpng-2.0", "libx11-6": "MIT", "libxcb1": "MIT", "libxau6": "MIT", "libxdmcp6": "MIT", "libfmt9": "MIT",
         "libfmt-dev": "MIT", "libfontconfig1": "HPND", "libpixman-1-0": "MIT", "libxcb-render0": "MIT", "libxcb-shm0": "MIT",
         "libxext6": "MIT", "libxrender1": "HPND-sell-variant"}
SPDX = {"expat": "MIT", "mit": "MIT", "mit/x": "MIT", "x11": "X11", "zlib": "Zlib", "bsd-3-clause": "BSD-3-Clause",
        "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause-google": "BSD-3-Clause", "lgpl-2.1+": "LGPL-2.1-or-later",
        "lgpl-2+": "LGPL-2.0-or-later", "lgpl-3+": "LGPL-3.0-or-later", "gpl-2+": "GPL-2.0-or-later", "apache-2.0": "Apache-2.0",
        "isc": "ISC", "bzip2": "bzip2-1.0.6"}


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def licence_of(package):
    if package in KNOWN:
        return KNOWN[package]
    try:
        with open(f"/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace") as file:
            stanzas = file.read().split("\n\n")
    except OSError:
        return "NOASSERTION"
    for stanza in stanzas:
        if re.search(r"^Files:\s*\*", stanza, re.M):
            found = re.search(r"^License:\s*(.+)$", stanza, re.M)
            return SPDX.get(found.group(1).strip().lower(), "NOASSERTION") if found else "NOASSERTION"
    return "NOASSERTION"


def package(name, version, licence, where, checksum=None, comment=None):
    out = {"SPDXID": "SPDXRef-" + re.sub("[^A-Za-z0-9.-]", "-", name), "name": name, "versionInfo": version,
           "downloadLocation": where, "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
           "licenseDeclared": licence, "copyrightText": "NOASSERTION"}
    if checksum:
        out["checksums"] = [{"algorithm": "SHA256", "checksumValue": checksum}]
    if comment:
        out["comment"] = comment
    return out


def wheels(requirements):
    with open(requirements, encoding="utf-8") as file:
        for line in file:
            found = re.match(r"(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})", line)
            if found:
                name, version, checksum = found.groups()
                licence = WHEELS.get(name, "LicenseRef-NVIDIA" if name.startswith("nvidia-") else "NOASSERTION")
                yield package(name, version, licence, f"https://pypi.org/project/{name}/{version}/", checksum)


def debian_packages(binary):
    """Names with versions, and libraries that belong to no package."""
    paths = re.findall(r"=> (/\S+)", output("ldd", binary))
    names, others = set(), []
    for path in paths:
        lines = output("dpkg-query", "-S", path, os.path.realpath(path)).splitlines()
        if lines:
            names.add(lines[0].split(":")[0])
        else:
            others.append(path)
    names.update(HEADERS)
    versions = output("dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Status}\n", *sorted(names))
    return sorted({tuple(line.split()[:2]) for line in versions.splitlines() if line.endswith(" installed")}), others


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("binary", "requirements", "version", "out"):
        parser.add_argument("--" + name, required=True)
    words = parser.parse_args()
    with open(words.binary, "rb") as file:
        checksum = hashlib.sha256(file.read()).hexdigest()
    packages = [package("reverie", words.version, "Apache-2.0", "NOASSERTION", checksum)]
    packages += wheels(words.requirements)
    packages.append(package("imgui", "1.93.0", "MIT", "NOASSERTION", comment="compiled in, from imgui-bundle"))
    packages.append(package("implot", "1.1", "MIT", "NOASSERTION", comment="compiled in, from imgui-bundle"))
    if shutil.which("dpkg-query"):
        for name, version in debian_packages(words.binary)[0]:
            packages.append(package(name, version, licence_of(name), f"https://packages.debian.org/bookworm/{name}"))
    time = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "reverie-" + words.version,
        "documentNamespace": f"https://spdx.org/spdxdocs/reverie-{words.version}-{checksum}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: reverie-cmake-sbom"]},
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-NVIDIA", "name": "NVIDIA's own terms",
                                        "extractedText": "The text comes with each nvidia-* wheel."}],
        "packages": packages,
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": "SPDXRef-reverie"}] +
                         [{"spdxElementId": "SPDXRef-reverie", "relationshipType": "DEPENDS_ON",
                           "relatedSpdxElement": one["SPDXID"]} for one in packages[1:]]}
    with open(words.out, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
