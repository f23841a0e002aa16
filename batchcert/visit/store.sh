# shellcheck shell=sh disable=SC2154 # `word` is set by `plain`, which is script.sh's
# What a visit asks of one store: its links and files, who may read them, and what is in them. See script.sh.

max_entries=256
max_files=32
max_file=262144
max_acl=32
max_tries=256
tries=0

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

# hex: standard input in hexadecimal digits.
hex() { od -An -v -tx1 | tr -d ' \n'; }

# key FILE CERTIFICATE: whether the private key in a file belongs to a certificate, given in base64: whether this has its
# public key in it. That is found out here; of the private key not even a variable ever holds anything.
# `openssl x509` would take five times as long to give the certificate's public key.
key() {
  fit=untold
  if command -v openssl >/dev/null 2>&1; then
    public=$(openssl pkey -in "$1" -pubout -outform DER -passin pass: 2>/dev/null | hex)
    if [ -n "$public" ]; then
      case $(printf '%s' "$2" | base64 -d | hex) in *"$public"*) fit=match ;; *) fit=other ;; esac
    elif grep -q 'PRIVATE KEY-----' "$1"; then
      fit=unreadable
    else
      fit=none
    fi
  fi
  printf 'key %s\n' "$fit"
}

# content PATH SIZE: what of a file is to be shown. Sets `first`, to its first certificate or to nothing.
content() {
  first=
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
    found=$(head -c "$max_file" "$1" | awk "$certificates")
    if [ -n "$found" ]; then printf '%s\n' "$found"; fi
    case $found in "certificate "*) first=${found#certificate } first=${first%%[!A-Za-z0-9+/=]*} ;; esac
  fi
}

# acl FILE: who may read it beyond its mode.
acl() {
  if command -v getfacl >/dev/null 2>&1; then
    getfacl -cpE "$1" 2>/dev/null | awk -v most="$max_acl" '
      /^#/ || /^$/ { next }
      ++count > most { exit }
      /^(user|group|mask|other):[A-Za-z0-9._-]*:[-r][-w][-x]$/ { print "acl " $0; next }
      { print "acl ?" }'
  else
    echo 'acl ?'
  fi
}

# readers USER...: sets `players` to those whom sudo lets root be, and tells of all.
readers() {
  players=
  for user in "$@"; do
    standing=able
    if ! id -u "$user" >/dev/null 2>&1; then
      standing=unknown
    elif ! sudo -n -u "$user" true >/dev/null 2>&1; then
      standing=untried
    else
      players="$players $user"
    fi
    printf 'reader %s %s\n' "$user" "$standing"
  done
}

# reads PATH: whether each of `players` gets to the content. Folders on the way count, so it is tried, not worked out.
reads() {
  for user in $players; do
    tries=$((tries + 1))
    if [ "$tries" -gt "$max_tries" ]; then return 0; fi
    able=no
    if sudo -n -u "$user" head -c 1 "$1" >/dev/null 2>&1; then able=yes; fi
    printf 'read %s %s\n' "$user" "$able"
  done
}

# swung LINK: since when it leads where it does, which tells how long a service has been behind.
swung() {
  # shellcheck disable=SC2154 # set in front of the script
  if [ -z "$served" ]; then return 0; fi
  seconds=$(stat -c %Y "$1" 2>/dev/null)
  case $seconds in '' | *[!0-9]*) return 0 ;; esac
  printf 'swung %s\n' "$seconds"
}

# entry KIND PATH: one link or file of a store. Owner, group, permissions and access list are those of the file a link
# leads to.
entry() {
  permissions='?' owner='?' group='?' size=0 real=$2
  if [ "$1" = link ]; then real=$(readlink -f "$2"); fi
  if [ ! -e "$real" ]; then real=$2; fi # its name ends in a line end, which the shell took off
  if [ -e "$real" ]; then
    read -r permissions _ owner group size _ <<FIELDS
$(ls -ldL "$real")
FIELDS
  fi
  plain "${2##*/}"
  printf 'entry %s %s %s %s %s\n' "$1" "$permissions" "$owner" "$group" "$word"
  if [ "$1" = link ]; then
    plain "$(readlink "$2")"
    printf 'target %s\n' "$word"
    swung "$2"
  fi
  case $permissions in *+) acl "$real" ;; esac
  if [ "$1" = link ] && [ -f "$real" ]; then reads "$2"; fi
  content "$2" "$size"
  # Of what services open, which is files only where nothing links to them: to compare a key takes a while.
  if [ -n "$first" ] && { [ "$1" = link ] || [ "$linked" -eq 0 ]; }; then key "$2" "$first"; fi
}

# links FOLDER: a service opens these, so they come first and all.
links() {
  count=0 linked=0
  for path in "$1"/*; do
    [ -L "$path" ] || continue
    count=$((count + 1))
    if [ "$count" -gt "$max_entries" ]; then
      echo store-cut
      return 0
    fi
    entry link "$path"
    linked=$count
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

# store FOLDER USER...: what is in it.
store() {
  folder=$1
  shift
  printf 'store %s\n' "$folder"
  if [ ! -d "$folder" ]; then
    echo absent
    return 0
  fi
  readers "$@" nobody
  links "$folder"
  files "$folder"
}
