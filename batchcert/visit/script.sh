# shellcheck shell=sh
# What a visit asks of a node. Runs as root: sudo -n sh -s, with this text on stdin, behind a line `set -- STORE...`;
# behind a store come the users who are to read what is in it. Another line sets `served`, to PORT/NAME of each service
# that is to be asked, and `hooks`, to their names.
# Plain POSIX sh with head -c, base64, readlink -f and date +%s: dash, bash and busybox have all of it, on Linux and
# macOS. Where openssl, timeout, getfacl or sudo is missing, what they would tell is not told, and the answer says so.
# Sent behind store.sh, which has what concerns one store, and service.sh, which has what concerns services.
#
# The answer, read by parse.py: lines of a keyword and its fields, in this order.
#   batchcert-visit 1
#   time SECONDS                       the node's clock, since 1970
#   user NAME                          each account of ours, by how its name begins
#   handler VERSION STATE              each installed version of the handler, then of its newest status file:
#     status SEQUENCE BYTES
#     data BASE64                      left out where the file is larger than max_status
#   handlers-cut                       there are more versions than max_handlers
#   store FOLDER                       each store, then `absent` or
#     reader NAME WORD                 its users and nobody: able to be played, untried where sudo refuses, or unknown
#     entry KIND PERMISSIONS OWNER GROUP NAME    KIND is link or file
#     target PATH                      where a link leads
#     swung SECONDS                    since when, told where services are asked
#     acl KIND:NAME:PERMISSIONS        its access list, `?` for what of it cannot be told
#     read NAME WORD                   of a link, for each user who can be played: whether it gets to the content
#     certificate BASE64               each certificate, DER, in the file's order
#     fault WORD                       why there are none, or no more
#     key WORD                         whether the private key belongs to the first certificate; of links, or of files
#                                      where there are none
#     store-cut                        there are more links or files than max_entries or max_files
#   serve PORT NAME                    each service asked; NAME is the server name sent, or -
#     certificate BASE64               the leaf that it presents, or
#     fault WORD                       why there is none: refused, no-tls, untold where the node has no openssl, or
#                                      unasked where those before it took too long
#   hook NAME                          each hook asked for, then `absent` or
#     revision HEX STATE               which one it is, and systemd's word for its path unit
#     ran SHA256 STATUS BEGAN ENDED    its command's last run: for which leaf, exit status or `running`, and when
#   end
# What comes from a file's content is in base64, and a field is printed only if it is one plain word: nothing a file
# holds can look like another line. The last line alone runs anything, so half a script does nothing.
# Paths are whole: none is put together from parts of the tree above it.

set -u
export LC_ALL=C

max_handlers=32
max_status=131072
max_users=16

# plain TEXT: sets `word`, to the text if it is one plain word, else to `?`. A variable, since a pipe costs a process.
plain() {
  case $1 in
    '' | *[!A-Za-z0-9._/+=@:,~-]*) word='?' ;;
    *) word=$1 ;;
  esac
}

# later FOLDER A B: whether sequence number A came after B. Numbers need not rise: where both have settings, the ones
# written last are the newer; else the higher number is.
later() {
  a=$1/config/$2.settings
  b=$1/config/$3.settings
  if [ -f "$a" ] && [ -f "$b" ]; then
    # shellcheck disable=SC3013 # in POSIX since 2024, in these shells for decades
    if [ "$a" -nt "$b" ]; then return 0; elif [ "$b" -nt "$a" ]; then return 1; fi
  fi
  [ "$2" -gt "$3" ]
}

# newest_status FOLDER: sets `sequence`, to nothing where there is no status file.
newest_status() {
  sequence=
  for file in "$1"/status/*.status; do
    number=${file##*/}
    number=${number%.status}
    case $number in '' | *[!0-9]* | ??????????*) continue ;; esac
    [ -f "$file" ] || continue
    if [ -z "$sequence" ] || later "$1" "$number" "$sequence"; then sequence=$number; fi
  done
}

# users: the accounts of ours. What an interrupted run left is found by its name.
users() {
  count=0
  while IFS=: read -r name _; do
    case $name in batchcert*) plain "$name" ;; *) continue ;; esac
    count=$((count + 1))
    if [ "$count" -gt "$max_users" ]; then return 0; fi
    printf 'user %s\n' "$word"
  done </etc/passwd
}

# handler FOLDER: one installed version.
handler() {
  state=
  if [ -f "$1/config/HandlerState" ]; then state=$(head -c 64 "$1/config/HandlerState"); fi
  plain "$state"
  printf 'handler %s %s\n' "${1##*KeyVaultForLinux-}" "$word"
  newest_status "$1"
  [ -n "$sequence" ] || return 0
  file=$1/status/$sequence.status
  size=$(wc -c <"$file" | tr -d ' ')
  printf 'status %s %s\n' "$sequence" "${size:=0}"
  if [ "$size" -le "$max_status" ]; then
    printf 'data %s\n' "$(head -c "$max_status" "$file" | base64 | tr -d '\n')"
  fi
}

handlers() {
  count=0
  for folder in "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-"*; do
    case ${folder##*KeyVaultForLinux-} in '' | *[!0-9.]*) continue ;; esac
    [ -d "$folder" ] || continue
    count=$((count + 1))
    if [ "$count" -gt "$max_handlers" ]; then
      echo handlers-cut
      return 0
    fi
    handler "$folder"
  done
}

# stores FOLDER USER... FOLDER USER...: each with its own.
stores() {
  while [ "$#" -gt 0 ]; do
    folder=$1 people=
    shift
    while [ "$#" -gt 0 ]; do
      case $1 in /*) break ;; esac
      people="$people $1"
      shift
    done
    # shellcheck disable=SC2086 # names of users are plain words
    store "$folder" $people
  done
}

visit() {
  echo 'batchcert-visit 1'
  printf 'time %s\n' "$(date -u +%s)"
  users
  handlers
  stores "$@"
  services
  echo end
}

visit "$@" </dev/null
