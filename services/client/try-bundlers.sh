#!/bin/sh
# Installs the packed library into a fresh app and builds it with Vite, Metro and Hermes, and checks it under React Native's tsconfig.
# Not part of the tests: 260 MB of packages. Run it before a release: services/client/try-bundlers.sh
set -eu
client=$(cd "$(dirname "$0")" && pwd)
PATH="$client/../../node_modules/.bin:$PATH"
app=$(mktemp -d)
trap 'rm -rf "$app" "$client/dist"' EXIT

(cd "$client" && npm pack --silent --pack-destination "$app" >/dev/null)
cd "$app"
echo '{ "name": "app", "type": "module", "private": true }' >package.json
npm install --save-exact --loglevel error --no-audit --no-fund --ignore-scripts ./podium-client-*.tgz vite@8.3.8 metro@0.87.1 \
  hermes-compiler@260318099.0.8 react-native@0.88.1 react@19.3.1 @react-native/typescript-config@0.87.1 \
  @react-native/metro-config@0.88.1 @react-native/babel-preset@0.88.1

cat >index.ts <<'TS'
import { createClient, type PodiumEvent } from '@podium/client'

const client = createClient({ baseUrl: 'https://quiz.example.org', token: async () => 'token' })
export const play = async (code: string) => {
  const player = await client.join(code, { nickname: 'Mia' })
  player.on('*', (event: PodiumEvent) => {
    if (event.type === 'question.opened') console.log(event.data.prompt)
  })
  return player.connect()
}
TS
echo '<!doctype html><script type="module" src="/index.ts"></script>' >index.html
echo "const { getDefaultConfig } = require('@react-native/metro-config'); module.exports = getDefaultConfig(__dirname)" >metro.config.cjs
echo "module.exports = { presets: ['module:@react-native/babel-preset'] }" >babel.config.cjs
echo '{ "extends": "@react-native/typescript-config", "include": ["index.ts"], "compilerOptions": { "types": ["react-native"] } }' >tsconfig.json

echo 'Vite' && node node_modules/vite/bin/vite.js build --logLevel warn
echo "React Native's tsconfig" && tsc -p . --noEmit
echo 'Metro' && node node_modules/metro/src/cli.js build index.ts --config metro.config.cjs --out bundle.js --platform ios >/dev/null
case $(uname) in Darwin) host=osx-bin ;; *) host=linux64-bin ;; esac
echo 'Hermes' && "node_modules/hermes-compiler/hermesc/$host/hermesc" -emit-binary -out bundle.hbc bundle.js
wc -c podium-client-*.tgz dist/assets/*.js bundle.js bundle.hbc
