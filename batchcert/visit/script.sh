# shellcheck shell=sh
# What a visit asks of a node. Runs as root: sudo -n sh -s, with this text on stdin, behind a line `set -- STORE...`.
# Plain POSIX sh with head -c, base64 and date +%s: dash, bash and busybox have all of it, on Linux and macOS.
#
# The answer, read by parse.py: lines of a keyword and its fields, in this order.
#   batchcert-visit 1
#   time SECONDS                       the node's clock, since 1970
#   handler VERSION STATE              each installed version of the handler, then of its newest status file:
#     status SEQUENCE BYTES
#     data BASE64                      left out where the file is larger than max_status
#   handlers-cut                       there are more versions than max_handlers
#   store FOLDER                       each store, then `absent` or
#     entry KIND PERMISSIONS OWNER GROUP NAME    KIND is link or file
#     target PATH                      where a link leads
#     certificate BASE64               each certificate, DER, in the file's order
#     fault WORD                       why there are none, or no more
#     store-cut                        there are more links or files than max_entries or max_files
#   end
# What comes from a file's content is in base64, and a field is printed only if it is one plain word: nothing a file
# holds can look like another line. The last line alone runs anything, so half a script does nothing.
# Paths are whole: none is put together from parts of the tree above it.

set -u
export LC_ALL=C

max_handlers=32
max_status=131072
max_entries=256
max_files=32
max_file=262144

# Only whole CERTIFICATE blocks that begin as a certificate does in DER: a SEQUENCE in a SEQUENCE. A private key, in
# whatever wrapping, has a number or a short header there. The outer SEQUENCE also tells its length, so nothing that
# slipped in behind a cut certificate is printed either. The first block that is not right ends the file.
# shellcheck disable=SC2016 # awk's own $
certificates='
function digit(at) { return index("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", substr(body, at, 1)) - 1 }
function bytes() {
  if (body ~ /^MI[IJ]..[DTjz]C[BC]/) return ((digit(3) - 8) * 64 + digit(4)) * 256 + digit(5) * 4 + int(digit(6) / 16) + 4
  if (body ~ /^MI[GH].MI[GH]/) return (digit(3) - 4) * 64 + digit(4) + 3
  return 0
}
function stop(word) { print "fault " word; open = 0; stopped = 1; exit }
{ sub(/[ \t\r]+$/, "") }
$0 == "-----BEGIN CERTIFICATE-----" {
  if (open) stop("broken")
  if (++count > 8) stop("more")
  open = 1; body = ""; next
}
!open { next }
$0 == "-----END CERTIFICATE-----" {
  if (bytes() == 0 || length(body) != int((bytes() + 2) / 3) * 4) stop("broken")
  print "certificate " body
  open = 0; next
}
!/^[A-Za-z0-9+\/]+=*$/ || length(body) > 24576 { stop("broken") }
{ body = body $0 }
END { if (open && !stopped) print "fault broken" }
'

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

# content PATH SIZE: what of a file is to be shown.
content() {
  case $2 in '' | *[!0-9]*) set -- "$1" 0 ;; esac # a group name with a space in it: the size is then not the fifth field
  if [ ! -e "$1" ]; then
    echo 'fault dangling'
  elif [ ! -f "$1" ]; then
    echo 'fault not-a-file'
  elif [ ! -r "$1" ]; then
    echo 'fault unreadable'
  elif [ "$2" -gt "$max_file" ]; then
    echo 'fault too-large'
  else
    head -c "$max_file" "$1" | awk "$certificates"
  fi
}

# entry KIND PATH: one link or file of a store. Owner, group and permissions are those of the file a link leads to.
entry() {
  permissions='?' owner='?' group='?' size=0
  if [ -e "$2" ]; then
    read -r permissions _ owner group size _ <<FIELDS
$(ls -ldL "$2")
FIELDS
  fi
  plain "${2##*/}"
  printf 'entry %s %s %s %s %s\n' "$1" "$permissions" "$owner" "$group" "$word"
  if [ "$1" = link ]; then
    plain "$(readlink "$2")"
    printf 'target %s\n' "$word"
  fi
  content "$2" "$size"
}

# links FOLDER: a service opens these, so they come first and all.
links() {
  count=0
  for path in "$1"/*; do
    [ -L "$path" ] || continue
    count=$((count + 1))
    if [ "$count" -gt "$max_entries" ]; then
      echo store-cut
      return 0
    fi
    entry link "$path"
  done
}

# files FOLDER: old ones pile up, so the newest alone.
files() {
  count=0
  # shellcheck disable=SC2012 # find cannot sort by time; a name with a newline in it is not a file then, and left out
  ls -t "$1" | while read -r name; do
    path=$1/$name
    if [ -L "$path" ] || [ ! -f "$path" ]; then continue; fi
    count=$((count + 1))
    if [ "$count" -gt "$max_files" ]; then
      echo store-cut
      return 0
    fi
    entry file "$path"
  done
}

visit() {
  echo 'batchcert-visit 1'
  printf 'time %s\n' "$(date -u +%s)"
  handlers
  for store in "$@"; do
    printf 'store %s\n' "$store"
    if [ -d "$store" ]; then
      links "$store"
      files "$store"
    else
      echo absent
    fi
  done
  echo end
}

visit "$@" </dev/null
