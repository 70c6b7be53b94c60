#!/bin/sh
# Installs Shaka Packager for this machine as FILE, from the npm package that
# package-lock.json pins.
#
#   deploy/packager/install.sh FILE
set -eu

[ $# = 1 ] || { echo "usage: deploy/packager/install.sh FILE" >&2; exit 2; }
case $1 in /*) target=$1 ;; *) target=$PWD/$1 ;; esac

case $(uname -s)-$(uname -m) in
  Linux-x86_64) program=packager-linux-x64 ;;
  Linux-aarch64) program=packager-linux-arm64 ;;
  *)
    echo "There is no ready-made Shaka Packager for $(uname -s) on $(uname -m): build it, and set SPOOL_PACKAGER to its path." >&2
    exit 1
    ;;
esac

cd "$(dirname "$0")"
"${NPM:-npm}" ci --ignore-scripts --silent
mkdir -p "$(dirname "$target")"
# A running packager can't be written over; a rename leaves it alone.
cp "node_modules/shaka-packager/bin/$program" "$target.new"
chmod 755 "$target.new"
mv "$target.new" "$target"
