import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  play: { play: path('index.html') },
  desk: { host: path('host.html'), screen: path('screen.html') },
}

/**
 * Two builds into one folder, `--mode play` for phones and `--mode desk` for host and screen, so that a phone loads nothing that only
 * the others need. The packages are taken from their sources.
 */
export default defineConfig(({ mode }) => ({
  root: path('.'),
  logLevel: 'warn',
  // The name under which @podium/react knows its peer; everything else is a subpath import of package.json.
  resolve: { alias: { '@podium/client': path('../client/src/index.ts') } },
  build: {
    outDir: path('../../.podium/web'),
    emptyOutDir: false,
    target: 'es2022',
    // Inline data is not in the content security policy, and neither is an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: INPUTS[mode] ?? {} },
  },
}))
