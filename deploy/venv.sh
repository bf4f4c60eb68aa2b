#!/bin/sh
# Makes .venv/ hold what a requirements file pins, at once where it does already. Knows nothing of the service itself.
#
#   sh deploy/venv.sh requirements.txt
#
# .venv/.whole says that nothing was left half-done, and names the Python it was made for; it is absent while
# anything is being written, so that a .venv whose making was cut off is made anew. Beside it lies a copy of each
# requirements file that .venv/ satisfies. requirements-dev.txt includes what requirements.txt pins.
set -eu
cd "$(dirname "$0")/.."
file=$1

say() { printf 'Firsthand: %s\n' "$1" >&2; }

whole() {
    [ -s .venv/.whole ] && made_for=$(.venv/bin/python -V 2>&1) && [ "${made_for%.*}" = "$(cat .venv/.whole)" ]
}

mark_whole() {
    made_for=$(.venv/bin/python -V 2>&1)
    printf '%s\n' "${made_for%.*}" >.venv/.whole
}

ready() { whole && cmp -s "$file" ".venv/$file"; }

# Prints the first Python that will do, or says what to install.
find_python() {
    without_venv=
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$name"
            return
        fi
        without_venv=${without_venv:-$name}
    done
    if [ -n "$without_venv" ]; then
        say "$without_venv cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
    else
        say "Python 3.11 or newer is needed, and ${PYTHON:-python3} is not that. Install it, or name it: make … PYTHON=python3.12"
    fi
    return 1
}

# Runs a command beside the shell, so that whatever ends make ends the command too.
guarded() {
    "$@" &
    child=$!
    trap 'kill "$child" 2>/dev/null || :; wait "$child" || :; exit 143' TERM INT HUP
    wait "$child" && result=0 || result=$?
    trap - TERM INT HUP
    return "$result"
}

make_new() {
    say "making .venv with $python ($("$python" -V 2>&1))"
    guarded "$python" -m venv --clear .venv
}

installed() { ls .venv/lib/python*/site-packages; }

install_pins() {
    say "installing what $file pins; the first time takes up to a minute"
    before=$(installed)
    rm -f .venv/.whole
    if ! guarded .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
        --require-hashes -r "$file"; then
        # A download that failed before anything was written must not cost what worked before.
        [ "$before" != "$(installed)" ] || mark_whole
        say "$file could not be installed; the lines above say why. The same command tries again."
        return 1
    fi
    rm -f .venv/requirements*.txt
    for held in requirements.txt "$file"; do cp "$held" .venv/; done
    mark_whole
}

if [ "${2-}" = locked ]; then
    python=$3
    ready && exit 0
    whole || make_new
    install_pins
    exit
fi

ready && exit 0
python=$(find_python)
# The lock lives as long as any process that inherited it, so a killed make never leaves it behind.
exec "$python" -c '
import fcntl, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
lock = os.open(".venv.lock", os.O_RDWR | os.O_CREAT, 0o644)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Firsthand: another make is at work on .venv; waiting for it", file=sys.stderr, flush=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp(sys.argv[1], sys.argv[1:])
' sh deploy/venv.sh "$file" locked "$python"
