# One line for the person at the terminal.

say() { printf '%s\n' "$*"; }

warn() { printf '%s: warning: %s\n' "${0##*/}" "$*" >&2; }

# fail STATUS MESSAGE…
fail() {
  local status=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$status"
}
