#!/usr/bin/env bash
# Finds out what building, testing or the demo needs and is not there, says so,
# and installs it with apt-get after asking (without asking as root or with
# CI=true). What it cannot install it names, with what to do, and ends with 1.
#
#   scripts/setup.sh build|test|demo
set -euo pipefail

purpose=${1:-build}
packages=()
commands=() # what the packages must bring
unsolved=()

say() { printf 'setup: %s\n' "$*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

# need COMMAND PACKAGE WHY
need() {
  if ! have "$1"; then
    say "$1 is missing ($3); Debian's package is $2."
    packages+=("$2")
    commands+=("$1")
  fi
}

has_postgres() {
  have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_boto3() {
  python3 -c 'import boto3' 2>/dev/null || /usr/bin/python3 -c 'import boto3' 2>/dev/null
}

check_go() {
  local want
  want=$(sed -n 's/^go //p' go.mod)
  if ! have go; then
    unsolved+=("Go $want or later is missing. Install it from https://go.dev/dl/ and put its bin folder on PATH.")
  elif ! version_at_least "$(go env GOVERSION | sed 's/^go//; s/[ -].*//')" "${want%.*}"; then
    unsolved+=("Go is $(go env GOVERSION); $want or later is needed. Install it from https://go.dev/dl/.")
  fi
}

check_node() {
  if ! have node || ! have npm; then
    unsolved+=("Node.js 20.19 or later with npm is missing; the web page is built with it. Install it from https://nodejs.org/en/download.")
  elif ! version_at_least "$(node --version | sed 's/^v//')" 20.19; then
    unsolved+=("Node.js is $(node --version); 20.19 or later is needed to build the web page. Install it from https://nodejs.org/en/download.")
  fi
}

check_go
check_node
case $purpose in
  build) ;;
  demo)
    need ffmpeg ffmpeg "it does the transcoding"
    ;;
  test)
    need ffmpeg ffmpeg "it does the transcoding"
    need curl curl "tests use it as a client"
    need aws awscli "tests use it as a client"
    has_boto3 || { say "boto3 is missing (tests use it as a client); Debian's package is python3-boto3."; packages+=(python3-boto3); }
    need chromium chromium "tests play the streams in it"
    need mediainfo mediainfo "tests ask it what is in the files"
    need gcc gcc "Go's race detector needs a C compiler"
    [ -e /usr/include/stdlib.h ] || { say "the C headers are missing (Go's race detector needs them); Debian's package is libc6-dev."; packages+=(libc6-dev); }
    has_postgres || { say "PostgreSQL is missing (the store is tested on it too); Debian's package is postgresql."; packages+=(postgresql); }
    ;;
  *)
    echo "usage: scripts/setup.sh build|test|demo" >&2
    exit 2
    ;;
esac

# allowed tells how to run apt-get: sets the array as_root, or explains why not.
as_root=()
allowed() {
  if ! have apt-get; then
    unsolved+=("This machine has no apt-get. Install with its own package manager what Debian calls: ${packages[*]}.")
    return 1
  fi
  [ "$(id -u)" = 0 ] && return 0
  if ! have sudo; then
    unsolved+=("Installing needs root, and sudo is missing. Run as root: apt-get install ${packages[*]}")
    return 1
  fi
  if [ "${CI:-}" = true ]; then
    as_root=(sudo -n)
    return 0
  fi
  if [ ! -t 0 ]; then
    unsolved+=("Installing needs root, and there is no terminal to ask on. Run: sudo apt-get install ${packages[*]}")
    return 1
  fi
  local answer
  read -r -p "setup: run 'sudo apt-get install ${packages[*]}' now? [y/N] " answer
  case $answer in
    y | Y | yes) as_root=(sudo) ;;
    *)
      unsolved+=("Not installed, as you said: ${packages[*]}. Run: sudo apt-get install ${packages[*]}")
      return 1
      ;;
  esac
}

if [ ${#packages[@]} -gt 0 ] && allowed; then
  say "installing ${packages[*]} with apt-get …"
  # A failed update is no failure yet: the lists at hand may do.
  "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the lists at hand."
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2; then
    unsolved+=("apt-get could not install ${packages[*]}; its words are above.")
  fi
  for command in "${commands[@]}"; do
    have "$command" || unsolved+=("$command is still missing, and what needs it cannot run.")
  done
fi

if [ ${#unsolved[@]} -gt 0 ]; then
  for line in "${unsolved[@]}"; do say "$line"; done
  exit 1
fi
