# shellcheck shell=sh
# Puts the hooks on a node. As root: by the pool's start task, or by a task of batchcert's where that is not ours.
# Behind it come run.sh as a document, the hooks, and `enable_all` with what systemctl start is to do about commands that
# take long. Whatever goes wrong, it ends with 0: a pool must not lose its nodes over it, and a visit tells which hooks a
# node has.
set -u
rotation=/var/lib/batchcert/rotation
units=/etc/systemd/system
prefix=batchcert-rotation-
wanted=' '

# put FILE: standard input as a file, whole at any time.
put() { cat >"$1.new" && mv "$1.new" "$1"; }

# hook NAME STORE FILE WATCHED: one, its command on standard input. WATCHED is STORE in systemd's spelling.
hook() {
  folder=$rotation/$1
  wanted="$wanted$1 "
  mkdir -p "$folder"
  put "$folder/command"
  printf '%s\n' "$3" | put "$folder/file"
  # Of a store with many certificates, many files change within a second: no limit on how often it is looked at.
  put "$units/$prefix$1.service" <<UNIT
[Unit]
Description=Command for a new version of certificate $1 (batchcert)
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart=/bin/sh $rotation/run $1
TimeoutStartSec=300
UNIT
  put "$units/$prefix$1.path" <<UNIT
[Unit]
Description=New versions of certificate $1 (batchcert)
[Path]
PathChanged=$4
TriggerLimitIntervalSec=0
[Install]
WantedBy=multi-user.target
UNIT
}

# enable_all OPTION REVISION...: start what was put, each with what tells it from others, and remove what is wanted no
# more.
enable_all() {
  option=$1
  shift
  systemctl daemon-reload
  for name in $wanted; do
    if systemctl enable --now "$prefix$name.path"; then
      printf '%s\n' "$1" | put "$rotation/$name/revision"
    fi
    shift
    systemctl start "$option" "$prefix$name.service" # a version that is there already, or came while the node was down
  done
  for folder in "$rotation"/*/; do
    name=${folder%/} name=${name##*/}
    case $wanted in *" $name "*) continue ;; esac
    if [ ! -f "$rotation/$name/command" ]; then continue; fi
    systemctl disable --now "$prefix$name.path"
    rm -rf "$units/$prefix$name.path" "$units/$prefix$name.service" "${rotation:?}/$name"
  done
  exit 0
}

umask 022
mkdir -p "$rotation"
chmod 0700 "$rotation"
