# Debian packages: what is missing, in one apt line. Needs messages.sh.

readonly EXIT_MISSING_PACKAGES=3

# "library package", for everything that the pinned wheels load and do not bring along.
SHARED_LIBRARIES=("libGL.so.1 libgl1" "libglib-2.0.so.0 libglib2.0-0")

# missing_library_packages PYTHON: the packages of the libraries that cannot be loaded.
missing_library_packages() {
  "$1" - "${SHARED_LIBRARIES[@]}" <<'PYTHON'
import ctypes
import sys

for library, package in (line.split() for line in sys.argv[1:]):
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
PYTHON
}

# venv_package PYTHON: the package that lets this Python make a virtual environment, when it cannot.
venv_package() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null && return
  local version
  version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [[ $version == "$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" ]]; then
    say python3-venv
  else
    say "python$version-venv"
  fi
}

# not_installed PACKAGE…: those of them that dpkg does not know as installed.
not_installed() {
  local package
  for package in "$@"; do
    dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || say "$package"
  done
}

# require_packages PACKAGE…: installs them as root, else names the line to run and exits.
require_packages() {
  (($#)) || return 0
  local line="apt-get install -y --no-install-recommends $*"
  ((EUID == 0)) || fail "$EXIT_MISSING_PACKAGES" "system packages are missing; run: sudo $line"
  command -v apt-get >/dev/null || fail "$EXIT_MISSING_PACKAGES" "system packages are missing: $*"
  say "installing system packages: $line"
  apt_install "$@" || fail "$EXIT_MISSING_PACKAGES" "installing system packages failed; run: apt-get update && $line"
}

# apt_install PACKAGE…: quiet; a fresh image has no package lists yet.
apt_install() {
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
