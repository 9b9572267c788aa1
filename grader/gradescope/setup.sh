#!/usr/bin/env bash
# Makes the image in which submissions are graded: run once by Gradescope, as root, when the zip is uploaded.
#
# Python 3.11 or later is taken where it is, else installed. Then solutions and starters are graded: full marks and what
# falls short, so that an autograder that doesn't work shows now, and what grading takes is kept for the submissions.
# shellcheck disable=SC2154  # settings.sh gives the names that are not assigned here
set -euo pipefail

root=${AUTOGRADER_ROOT:-/autograder}
here=$root/source
# shellcheck source=/dev/null
. "$here/settings.sh"
export DEBIAN_FRONTEND=noninteractive

fits() {
    command -v "$1" > /dev/null && "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

find_python() {
    for python in "python$python_version" python3.13 python3.12 python3.11 python3.14 python3; do
        if fits "$python"; then
            return 0
        fi
    done
    return 1
}

# What strengthens the protection from submissions; grading works without.
apt-get update || true
apt-get install -y --no-install-recommends bubblewrap libseccomp2 || echo "setup.sh: go on without bubblewrap" >&2
if ! find_python; then
    for version in "$python_version" 3.12 3.11; do
        apt-get install -y --no-install-recommends "python$version" "python$version-venv" && break
    done
    if ! find_python; then
        echo "setup.sh: there is no Python 3.11 or later; choose a newer base image in Gradescope's settings." >&2
        exit 1
    fi
fi

"$python" -m venv "$root/venv"
pip=("$root/venv/bin/python" -m pip --disable-pip-version-check --no-cache-dir)
if [ -n "$torch_index_url" ]; then # builds for the CPU are a tenth of the size
    "${pip[@]}" install --index-url "$torch_index_url" --constraint "$here/constraints.txt" torch
fi
"${pip[@]}" install --constraint "$here/constraints.txt" --requirement "$here/requirements.txt"

# Whoever runs a submission may be another user: the grader itself is for everybody, solutions and answers are not.
chmod -R a+rX "$here/grader"
chmod -R go-rwx "$here/course"
install -d -m 700 "$root/cache"

export GRADER_CACHE_DIR=$root/cache PYTHONPATH=$here
cd "$root"
grader=("$root/venv/bin/python" -m grader)
"${grader[@]}" doctor
for name in "${exercises[@]}"; do
    options=(--course "$here/course" --allow-weak-isolation --exercise "$name")
    "${grader[@]}" grade "${options[@]}" "$here/course/solutions/$name/solution.py"
    code=0
    "${grader[@]}" grade "${options[@]}" "$here/course/exercises/$name/starter.py" > /dev/null || code=$?
    if [ "$code" -ne 1 ]; then
        echo "setup.sh: the starter of $name should fall short (exit code 1), but grading it ended with $code." >&2
        exit 1
    fi
done
