# shellcheck shell=sh disable=SC2154 # `word` is set by `plain`, which is script.sh's; max_file and certificates are store.sh's
# What a visit asks of a node's services: the certificate that each presents, and what became of the command that makes
# them read a new one. See script.sh.

max_handshake=5   # seconds; a service on the node itself answers in milliseconds, or not at all
max_handshakes=20 # seconds for all of them, so that services which hang do not cost the whole visit

# serve PORT/NAME: shake hands, with that server name or with none.
serve() {
  port=${1%%/*} name=${1#*/}
  printf 'serve %s %s\n' "$port" "${name:--}"
  if ! command -v openssl >/dev/null 2>&1 || ! command -v timeout >/dev/null 2>&1; then
    echo 'fault untold'
    return 0
  fi
  if [ "$(date +%s)" -ge "$until" ]; then
    echo 'fault unasked'
    return 0
  fi
  # an address of its own is no server name: openssl then sends none
  set -- -connect "127.0.0.1:$port"
  if [ -n "$name" ]; then set -- "$@" -servername "$name"; fi
  shown=$({
    timeout "$max_handshake" openssl s_client "$@" </dev/null 2>/dev/null
    echo "ended $?"
  } | head -c "$max_file")
  leaf=$(printf '%s\n' "$shown" | awk "$certificates")
  leaf=${leaf%%
*} # the first of its lines
  case $leaf in "certificate "*) printf '%s\n' "$leaf" && return 0 ;; esac
  # openssl says when it is connected; what timeout has ended (124) waited for a word of the service's
  case $shown in *'CONNECTED('* | *'ended 124'*) echo 'fault no-tls' ;; *) echo 'fault refused' ;; esac
}

# hook NAME: whether the node has it, whether systemd watches for it, and how its command ended last.
hook() {
  printf 'hook %s\n' "$1"
  folder=/var/lib/batchcert/rotation/$1
  if [ ! -f "$folder/revision" ]; then
    echo absent
    return 0
  fi
  plain "$(head -c 64 "$folder/revision")"
  revision=$word
  plain "$(systemctl is-active "batchcert-rotation-$1.path" 2>/dev/null)"
  printf 'revision %s %s\n' "$revision" "$word"
  if [ ! -f "$folder/result" ]; then return 0; fi
  read -r sha256 status began ended _ <"$folder/result"
  for field in "$sha256" "$status" "$began" "$ended"; do
    case $field in '' | *[!a-z0-9-]*) return 0 ;; esac
  done
  printf 'ran %s %s %s %s\n' "$sha256" "$status" "$began" "$ended"
}

services() {
  until=$(($(date +%s) + max_handshakes))
  for place in $served; do serve "$place"; done
  for name in $hooks; do hook "$name"; done
}
