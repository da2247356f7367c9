# The Python and the virtual environment that everything runs in. Needs messages.sh and packages.sh.

readonly VENV=.venv
readonly VENV_PYTHON=$VENV/bin/python
readonly INSTALLED=$VENV/.installed      # "FILE HASH" of the requirements that are in
readonly INSTALLING=$VENV/.installing    # there while pip works: found later, it was killed
readonly INSTALL_NEEDS_MB=3000
readonly INSTALL_LOG=$VENV/install.log

# system_python: the first Python that is new enough. A command may be there and still not work (pyenv).
system_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3; do
    if new_enough "$candidate"; then
      say "$candidate"
      return
    fi
  done
  return 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# require_python: names or installs what is missing to make the environment, and sets PYTHON.
require_python() {
  if new_enough "$VENV_PYTHON"; then
    PYTHON=$VENV_PYTHON
  elif ! PYTHON=$(system_python); then
    require_new_python
  fi
  local missing
  mapfile -t missing < <(missing_packages)
  require_packages "${missing[@]}"
}

# missing_packages: a working environment needs no ensurepip any more.
missing_packages() {
  [[ $PYTHON == "$VENV_PYTHON" ]] || venv_package "$PYTHON"
  missing_library_packages "$PYTHON"
}

require_new_python() {
  local found
  if found=$(python3 --version 2>&1); then
    fail 1 "Python 3.11 or newer is needed and $found is what there is; install python3.11 and python3.11-venv"
  fi
  require_packages python3 python3-venv
  PYTHON=$(system_python) || fail 1 "Python 3.11 or newer is needed and this system packages an older one"
}

# prepare_environment FILE: the virtual environment with the requirements of FILE, made, repaired or left alone.
prepare_environment() {
  is_installed "$1" && return
  require_space
  make_venv
  install_requirements "$1"
}

# is_installed FILE: the development requirements contain the others.
is_installed() {
  [[ -f $INSTALLED && ! -e $INSTALLING ]] || return 1
  local installed
  installed=$(<"$INSTALLED")
  [[ $installed == "$(stamp "$1")" ]] && return
  [[ $1 == requirements.txt && $installed == "$(stamp requirements-dev.txt)" ]]
}

# stamp FILE: changes with any pin.
stamp() { say "$1 $(cat requirements*.txt constraints.txt packaging/ort-gpu-shim/pyproject.toml | sha256sum | cut -c1-16)"; }

require_space() {
  local free_mb
  free_mb=$(($(df -Pk . | awk 'NR == 2 { print $4 }') / 1024))
  ((free_mb >= INSTALL_NEEDS_MB)) ||
    fail 1 "only $free_mb MB are free on the disk of $PWD; free $INSTALL_NEEDS_MB MB and run again"
}

# make_venv: one that a kill left half-made is made anew.
make_venv() {
  if [[ ! -e $INSTALLING ]] && new_enough "$VENV_PYTHON" && "$VENV_PYTHON" -m pip --version >/dev/null 2>&1; then
    return
  fi
  [[ $PYTHON != "$VENV_PYTHON" ]] || PYTHON=$(system_python) || require_new_python
  say "making $VENV with $("$PYTHON" --version)"
  local output
  output=$("$PYTHON" -m venv --clear "$VENV" 2>&1) ||
    fail 1 "$PWD/$VENV cannot be made (${output##*$'\n'}); check owner and disk, then run again"
}

install_requirements() {
  say "installing the packages of $1 (about a minute)"
  touch "$INSTALLING"
  # the kernel stops pip when this script is killed: no half-made environment grows on unseen
  if setpriv --pdeathsig TERM "$VENV_PYTHON" -m pip install --disable-pip-version-check --no-input -r "$1" >"$INSTALL_LOG" 2>&1; then
    stamp "$1" >"$INSTALLED"
    rm -f "$INSTALLING"
    return
  fi
  rm -f "$INSTALLING" # pip failed by itself, so it left nothing half-installed
  fail 1 "installing $1 failed: $(pip_complaint); check network and disk, then run again ($PWD/$INSTALL_LOG tells more)"
}

pip_complaint() {
  local line
  line=$(grep '^ERROR' "$INSTALL_LOG" | tail -n 1 | cut -c1-200)
  say "${line:-see the log}"
}
