#!/bin/sh
# Everything that can be known about the sources without running them. Reports every check that fails, not only the first.
set -u
cd "$(dirname "$0")/../.."

failed=
check() {
  name=$1
  shift
  if output=$("$@" 2>&1); then
    printf '  ok      %s\n' "$name"
  else
    printf '  FAILED  %s\n%s\n' "$name" "$output"
    failed="$failed $name"
  fi
}

buf_lint() { (cd proto && buf lint); }
api_lint() { REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true redocly lint --config proto/redocly.yaml; }

# Generates again beside the committed code and compares, so that the working tree is never touched.
generated_code_is_current() {
  fresh=$(mktemp -d) || return 1
  trap 'rm -rf "$fresh"' EXIT
  mkdir -p "$fresh/proto" "$fresh/services/platform/contract/gen"
  cp -R proto/. "$fresh/proto/"
  ln -s "$PWD/node_modules" "$fresh/node_modules"
  (cd "$fresh/proto" && buf generate) && diff -r "$fresh/services/platform/contract/gen" services/platform/contract/gen ||
    { echo 'the generated code is not that of proto/; run: make gen' && return 1; }
}

check types tsc --noEmit
check 'client types without Node' tsc -p services/client
check 'hooks' tsc -p services/react
check 'pages' tsc -p services/web
check 'lint and format' biome check --error-on-warnings
check borders depcruise --output-type err services deploy bench
check contracts buf_lint
check 'API documents' api_lint
check 'generated code' generated_code_is_current
check 'API types' node services/client/generate/main.ts --check
check 'rights on NATS' node deploy/nats/users.ts --check
check versions node deploy/local/check-versions.ts

[ -z "$failed" ] || { printf '\nFailed:%s\n' "$failed" && exit 1; }
