#!/bin/sh
# Makes what mosquitto.conf beside this file needs: an authority of your own, a certificate for the broker, and one for
# each client; the name of a client is its user name in `acl`. Run it again for further clients: what is there stays.
#   sh certificates.sh FOLDER BROKER CLIENT...
set -eu
[ $# -ge 3 ] || { echo 'usage: certificates.sh FOLDER BROKER CLIENT...' >&2; exit 64; }
folder=$1 broker=$2
shift 2
days=3650
umask 077
mkdir -p "$folder"
cd "$folder"

key() { [ -e "$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# sign NAME EXTENSIONS
sign() {
  [ -e "$1.crt" ] && return
  key "$1"
  printf '%s\n' "$2" basicConstraints=critical,CA:FALSE >"$1.ext"
  openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days $days -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
  echo "$1.crt"
}

if [ ! -e ca.crt ]; then
  key ca
  openssl req -x509 -new -key ca.key -days $days -subj '/CN=Earlid at home' -out ca.crt
  echo ca.crt
fi
case $broker in
  *[!0-9.]*) name=DNS ;;
  *) name=IP ;;
esac
sign "$broker" "subjectAltName=$name:$broker
extendedKeyUsage=serverAuth"
for client; do sign "$client" extendedKeyUsage=clientAuth; done
