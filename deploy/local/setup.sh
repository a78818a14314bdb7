#!/bin/sh
# Makes a fresh clone ready to run: Node packages (among them Node 22 and Postgres), nats-server, redis-server, tap's plugins.
# POSIX sh, because the machine's own node may be too old to run anything of ours. Quick when there is nothing to do.
set -eu
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*"; }
fail() {
  printf '\nsetup: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# Debian keeps servers in /usr/sbin, which an ordinary user does not have on the path.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin"
export npm_config_update_notifier=false

# It lies in node_modules and so disappears with it.
stamp=node_modules/.podium-setup
# There while npm works: what an interrupted npm leaves behind looks complete to the next one, and is not.
unfinished=.podium/unfinished-install
wanted() { cat package.json package-lock.json .npmrc .taprc deploy/local/setup.sh | cksum; }

packages_ready() {
  [ ! -e "$unfinished" ] && [ -x node_modules/.bin/node ] && [ -x node_modules/.bin/tap ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(wanted)" ]
}
missing_servers() {
  has nats-server || printf ' nats-server'
  has redis-server || has valkey-server || printf ' redis-server'
}

# Two setups at the same time would remove each other's half-installed packages.
lock=.podium/setup.lock
take_lock() {
  (umask 077 && mkdir -p .podium)
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    holder=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf "$lock" # its owner was killed
      continue
    fi
    [ "$waited" -ne 1 ] || say "Another setup runs (process ${holder:-unknown}), waiting for it"
    [ "$waited" -lt 900 ] || fail "$lock has been there for 15 minutes; remove it if no other setup runs"
    waited=$((waited + 1))
    sleep 1
  done
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '%s\n' "$$" >"$lock/pid"
}

install_servers() {
  missing=$(missing_servers)
  missing=${missing# }
  say "Installing $missing"
  if has apt-get; then
    command="apt-get install -y $missing"
    if [ "$(id -u)" -eq 0 ]; then
      as_root=
    elif has sudo && sudo -n true 2>/dev/null; then
      as_root=sudo
    else
      fail "$missing missing, and installing needs root. Run this once, then try again:

    sudo $command"
    fi
    # shellcheck disable=SC2086 # both are lists of words
    quietly env DEBIAN_FRONTEND=noninteractive $as_root $command ||
      { quietly $as_root apt-get update && quietly env DEBIAN_FRONTEND=noninteractive $as_root $command; } ||
      { cat "$output" >&2 && fail "could not install $missing: $command failed (above)"; }
  elif has brew; then
    # shellcheck disable=SC2046
    quietly brew install $(printf '%s' "$missing" | sed 's/redis-server/redis/') ||
      { cat "$output" >&2 && fail "could not install $missing with Homebrew (above)"; }
  else
    fail "please install $missing with the system's package manager, then try again"
  fi
  [ -z "$(missing_servers)" ] || fail "$(missing_servers) still not found after installing"
}

# Only the tests of deploy/nginx need it; without it they are skipped. Unpacked and not installed, because Debian starts what it
# installs, on port 80. One attempt: an empty folder says that there was one (make clean removes it).
nginx=.podium/nginx
nginx_settled() { [ -e "$nginx" ] || has nginx || ! has apt-get || ! has dpkg-deb; }
unpack_nginx() {
  say 'Unpacking nginx for the tests'
  fresh=$nginx.unfinished
  rm -rf "$fresh"
  mkdir -p "$fresh/packages"
  for package in nginx nginx-core nginx-light; do # which of them has the program differs between versions
    (cd "$fresh/packages" && apt-get download "$package") >"$output" 2>&1 || continue
    dpkg-deb -x "$fresh/packages/$package"_*.deb "$fresh" && [ -x "$fresh/usr/sbin/nginx" ] && break
  done
  "$fresh/usr/sbin/nginx" -v >>"$output" 2>&1 || { rm -rf "$fresh" && mkdir "$fresh" && say '  not possible (.podium/setup.log); the tests that need it will be skipped'; }
  mv "$fresh" "$nginx"
}

# The same for the WebSockets of the client in Python that the tests have.
websockets=.podium/python
websockets_settled() { [ -e "$websockets" ] || ! has apt-get || ! has dpkg-deb || python3 -c 'import websockets' 2>/dev/null; }
unpack_websockets() {
  say 'Unpacking websockets for the tests'
  fresh=$websockets.unfinished
  rm -rf "$fresh"
  mkdir -p "$fresh/packages"
  { (cd "$fresh/packages" && apt-get download python3-websockets) && dpkg-deb -x "$fresh"/packages/*.deb "$fresh"; } >"$output" 2>&1 ||
    { rm -rf "$fresh" && mkdir "$fresh" && say '  not possible (.podium/setup.log); the tests that need it will be skipped'; }
  mv "$fresh" "$websockets"
}

# Only the tests of the pages need it; where it cannot be installed they are skipped, and fail in CI. One attempt.
chromium_tried=.podium/chromium-tried
chromium_settled() { has chromium || has chromium-browser || has google-chrome || [ -e "$chromium_tried" ] || ! has apt-get; }
install_chromium() {
  say 'Installing Chromium for the tests of the pages'
  touch "$chromium_tried"
  if [ "$(id -u)" -eq 0 ]; then as_root=; elif has sudo && sudo -n true 2>/dev/null; then as_root=sudo; else
    say '  not possible without root: sudo apt-get install chromium'
    return 0
  fi
  command='env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium'
  # shellcheck disable=SC2086 # a list of words
  quietly $as_root $command || { quietly $as_root apt-get update && quietly $as_root $command; } ||
    say '  not possible (.podium/setup.log); the tests that need it will be skipped'
}

# The packages contain binaries chosen by the Node version that runs npm, so it must be the one that will run them.
# In an installed tree npm changes only what differs, so that what runs from it keeps running; the lock file stays.
install_packages() {
  has npm || fail 'npm is missing; install Node.js (any version from 18 on brings npm), then try again'
  if packages_work; then
    say 'Updating packages'
    touch "$unfinished"
    if quietly with_node_22 npm install --no-save && rm "$unfinished" && packages_work; then return; fi
  fi
  say 'Installing packages'
  touch "$unfinished"
  rm -rf node_modules # with half a package `node` in it, npx would take that one and end up with the system's node
  quietly with_node_22 npm ci ||
    { cat "$output" >&2 && fail 'could not install the packages (above, and in the newest file of ~/.npm/_logs)'; }
  rm "$unfinished"
  packages_work || { cat "$output" >&2 && fail 'the installed packages do not work with Node 22 on this machine'; }
}

packages_work() {
  [ ! -e "$unfinished" ] && [ -x node_modules/.bin/node ] &&
    node_modules/.bin/node -e 'require("uWebSockets.js")' >/dev/null 2>&1
}

with_node_22() {
  if node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major === 22 && minor >= 18 ? 0 : 1)' 2>/dev/null; then
    "$@"
  else
    npx --yes --package "node@$(sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json)" -- "$@"
  fi
}

# tap compiles its set of plugins into node_modules; ours differs from the default by one (.taprc).
build_tap() {
  grep -q '@tapjs/typescript' node_modules/@tapjs/test/test-built/dist/esm/index.js || return 0
  say 'Preparing the test runner'
  PATH="$PWD/node_modules/.bin:$PATH" quietly tap build || { cat "$output" >&2 && fail 'tap build failed (above)'; }
}

output=.podium/setup.log
quietly() { "$@" >"$output" 2>&1; }

if packages_ready && [ -z "$(missing_servers)" ] && nginx_settled && websockets_settled && chromium_settled; then exit 0; fi
take_lock
began=$(date +%s)
if [ -n "$(missing_servers)" ]; then install_servers; fi
nginx_settled || unpack_nginx
websockets_settled || unpack_websockets
chromium_settled || install_chromium
if ! packages_ready; then
  install_packages
  build_tap
  wanted >"$stamp"
fi
say "Setup is complete ($(($(date +%s) - began)) s)"
