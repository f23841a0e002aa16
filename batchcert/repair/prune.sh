# shellcheck shell=sh
# Removes old files of certificates from a node's stores, ahead of a visit. Runs as root, as the visit does; see
# batchcert/visit/script.sh. It prints nothing: the visit that follows shows what is left.

# prune_file FOLDER PATH SHA256: remove the file, if it is still what was seen: a file and no link, to which no link of
# its folder leads, and whose first certificate has this fingerprint. Without openssl nothing is removed.
prune_file() {
  if [ -L "$2" ] || [ ! -f "$2" ]; then return 0; fi
  real=$(readlink -f "$2")
  for link in "$1"/* "$1"/.*; do
    if [ -L "$link" ] && [ "$(readlink -f "$link")" = "$real" ]; then return 0; fi
  done
  found=$(openssl x509 -in "$2" -noout -fingerprint -sha256 2>/dev/null | tr -d ':' | tr 'A-F' 'a-f')
  case $found in *"=$3") rm -f "$2" ;; esac
}
