# shellcheck shell=sh
# Runs the command for the certificate whose hook is called $1, once for each version that arrives. As root, by systemd.
# A version is known by the SHA-256 of its leaf. What came of it is one line, which a visit reads:
#   SHA256 EXIT_STATUS_OR_running BEGAN ENDED    in seconds since 1970
set -u
export LC_ALL=C
folder=/var/lib/batchcert/rotation/$1
read -r file <"$folder/file"

# leaf: the SHA-256 of the first certificate, of a file that has all of it; nothing otherwise.
leaf() {
  # shellcheck disable=SC2016 # awk's own $
  body=$(awk '
    /^-----BEGIN CERTIFICATE-----/ { open = 1; body = ""; next }
    open && /^-----END CERTIFICATE-----/ { print body; exit }
    open { body = body $0 }' "$file" 2>/dev/null)
  if [ -n "$body" ]; then printf '%s' "$body" | base64 -d | openssl dgst -sha256 -r | cut -d ' ' -f 1; fi
}

# tell FIELD...: the result, whole at any time.
tell() {
  printf '%s\n' "$*" >"$folder/result.new"
  mv "$folder/result.new" "$folder/result"
}

# A version may arrive while the command runs for the one before, and systemd does not tell of that.
rounds=0
while [ "$rounds" -lt 8 ]; do
  rounds=$((rounds + 1))
  sha256=$(leaf)
  last=
  if [ -f "$folder/result" ]; then read -r last _ <"$folder/result"; fi
  if [ -z "$sha256" ] || [ "$sha256" = "$last" ]; then break; fi
  began=$(date +%s)
  tell "$sha256" running "$began" -
  status=0
  BATCHCERT_FILE=$file BATCHCERT_SHA256=$sha256 /bin/sh "$folder/command" </dev/null || status=$?
  tell "$sha256" "$status" "$began" "$(date +%s)"
done
