# Which user the programs run as. Needs messages.sh, and VENV_PYTHON of python.sh.

readonly PROGRAM_USER=gspe
readonly USER_CACHE=/var/cache/gspe
AS_USER=()

# choose_user: as root, AS_USER becomes the prefix that turns into the user gspe where there is one.
choose_user() {
  ((EUID == 0)) || return 0
  if ! id "$PROGRAM_USER" >/dev/null 2>&1; then
    warn "the programs run as root; to run them as a user of their own: useradd --system --create-home $PROGRAM_USER"
    return
  fi
  local home
  home=$(getent passwd "$PROGRAM_USER" | cut -d: -f6)
  AS_USER=(setpriv --reuid "$PROGRAM_USER" --regid "$(id -g "$PROGRAM_USER")" --init-groups
    env -u XDG_RUNTIME_DIR -u XDG_CONFIG_HOME -u XDG_CACHE_HOME
    "HOME=$home" "USER=$PROGRAM_USER" "LOGNAME=$PROGRAM_USER")
  "${AS_USER[@]}" test -w "$home" || give_cache
}

# give_cache: for a user without a home of his own.
give_cache() {
  mkdir -p "$USER_CACHE"
  chown "$PROGRAM_USER:" "$USER_CACHE"
  AS_USER+=("XDG_CACHE_HOME=$USER_CACHE")
}

# own_folders HOME: gives the user gspe what the programs write; links below these folders are never followed.
own_folders() {
  ((${#AS_USER[@]})) || return 0
  local folders=("$1/data" "$1/config" "$1/camera_configs") folder
  mkdir -p "${folders[@]}"
  for folder in "${folders[@]}"; do # whoever may replace a folder must not choose what root gives away
    [[ ! -L $folder || $(stat -c %u "$folder") == 0 ]] ||
      fail 1 "$folder is a link that root did not make; put the folder itself there, or mount it"
  done
  find -H "${folders[@]}" ! -user "$PROGRAM_USER" -exec chown -h "$PROGRAM_USER:" {} +
}

# require_readable: the user gspe must be able to run what root installed.
require_readable() {
  ((${#AS_USER[@]})) || return 0
  "${AS_USER[@]}" "$VENV_PYTHON" -c 'import core.home' 2>/dev/null ||
    fail 1 "the user $PROGRAM_USER cannot run $PWD/$VENV_PYTHON; move the checkout to a folder such as /opt that it may read"
}
