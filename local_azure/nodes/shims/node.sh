# What the other files here share; each reads it first. They stand in for the host's programs where those would tell of
# the host and not of the node. POSIX sh, and no process more than needed.
#
#   $node   the node's folder on the host    $root   its disk, which is `/` to root    $shims   this folder
# shellcheck shell=sh disable=SC2034

shims=${0%/*}
root=${shims%/usr/local/sbin}
node=${root%/root}
PATH=/usr/bin:/bin # the host's own programs

# in_node FILE: sets `path`, the node's name of a host path, with what a relative one is relative to.
in_node() {
  case $1 in
    /*) path=$1 ;;
    *) path=$PWD/$1 ;;
  esac
  case $path in
    "$node"/as/*) path=${path#"$node"/as/*/} path=/$path ;;
    "$node"/shared/* | "$root"/*) path=${path#"$node"/} path=/${path#*/} ;;
  esac
}

# owner_of FILE: sets `owner`, who has what is below a home folder; all else is root's.
owner_of() {
  in_node "$1"
  owner=root
  case $path in
    /home/?*) owner=${path#/home/} owner=${owner%%/*} ;;
  esac
}

# acl_of FILE: sets `acl`, the entries of its access list, or nothing.
acl_of() {
  acl=
  in_node "$1"
  if [ ! -s "$node/acls" ]; then return 0; fi
  while IFS='	' read -r listed entries; do
    if [ "$listed" = "$path" ]; then acl=$entries; fi
  done <"$node/acls"
}

# account NAME: sets `uid`, or fails where the node has no such user.
account() {
  while IFS=: read -r name _ uid _; do
    if [ "$name" = "$1" ]; then return 0; fi
  done <"$root/etc/passwd"
  return 1
}
