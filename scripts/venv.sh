# Sourced by the scripts beside it: the repository's own Python in .venv, made once.
#
# After `ensure_venv`, $python is an interpreter that has hn_luigi and what EXTRA adds to it.
# Nothing is installed or downloaded while setup.cfg stays as it is.

unset CDPATH  # with it, cd prints
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

ensure_venv() {  # [EXTRA]
    local extra=${1:-}
    local stamp=$venv/.installed${extra:+-$extra}
    local quiet=--quiet
    if [ -t 2 ]; then quiet=; fi  # a person sees pip's progress
    (
        # Two scripts may start at once; macOS has no flock.
        if command -v flock >/dev/null; then flock 9; fi
        "$python" -c '' 2>/dev/null || make_venv
        if [ "$(wanted)" != "$(cat "$stamp" 2>/dev/null)" ]; then
            say "Installing hn_luigi${extra:+[$extra]} into ${venv##*/}; this is done once ..."
            if ! "$python" -m pip install $quiet --disable-pip-version-check \
                --editable "$root${extra:+[$extra]}"; then
                say "The installation failed, as pip says above. The first time needs a network."
                exit 1
            fi
            wanted >"$stamp"
        fi
    ) 9<"$root/setup.cfg"
}

wanted() {  # what an installation depends on: these files, this place, this Python
    cat "$root/setup.cfg" "$root/pyproject.toml" | cksum
    printf '%s\n' "$root"
    "$python" --version
}

make_venv() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            "$candidate" -m venv --clear "$venv"
            return
        fi
    done
    say "hn_luigi needs Python 3.11 or later with pip and venv, and found none."
    say "Install it (Debian: apt install python3-venv), or name it: PYTHON=/path/to/python $0"
    exit 1
}

# Serves the bundled sample as long as this process lives, and what it becomes by exec; afterwards
# LUIGI_CONFIG_PATH has Luigi read it.
start_sample() {
    exec 3< <(exec "$python" "$root/scripts/sample/serve.py" $$)
    if ! read -r LUIGI_CONFIG_PATH <&3; then say "The sample can't be served."; return 1; fi
    exec 3<&-
    export LUIGI_CONFIG_PATH HN_LUIGI_ALERT_URLS=
}

# What scripts/scheduler serves is what the last run by a script was on.
last_run=$root/.luigid/last-run
note_run() {  # live or sample
    # The folder is the scheduler's, which wants it in nobody else's reach.
    { mkdir -p -m 700 "${last_run%/*}" && echo "$1" >"$last_run"; } 2>/dev/null || true
}
last_run_was_on_sample() { grep -qsx sample "$last_run"; }
