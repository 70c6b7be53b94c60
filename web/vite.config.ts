import { gzipSync } from 'node:zlib'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const outDir = '../internal/webui/dist'

/** Puts a .gz beside every text file, so that the server compresses nothing itself. */
function precompress(): Plugin {
  let dir = ''
  return {
    name: 'spool-precompress',
    apply: 'build',
    configResolved(config) {
      dir = join(config.root, config.build.outDir)
    },
    closeBundle() {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(html|js|css|svg)$/.test(name)) continue
        const plain = readFileSync(join(dir, name))
        const packed = gzipSync(plain, { level: 9 })
        if (packed.length < plain.length) writeFileSync(join(dir, `${name}.gz`), packed)
      }
    },
  }
}

// SPOOL_URL lets `npm run dev` talk to a running `spool serve`.
const server = process.env.SPOOL_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte(), precompress()],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no inline scripts and no data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/signin', '/media'].map((path) => [path, { target: server }])),
  },
  test: { include: ['src/**/*.test.ts'] },
} as import('vite').UserConfig)
