// Players made by others decide whether what Spool makes is right. One clip with
// numbered pictures and a pitch for each second is converted into every kind of
// stream by bin/spool; Shaka Player, hls.js and dash.js then play each of those
// they know in Chromium: every rung, a change of rungs on the way, seeks, all
// pictures at their time, all sounds, no gap and no stall.
//
//   SPOOL_BINARY   another program than bin/spool
//   SPOOL_KEEP     a folder for what was made, which is then left there
//   PLAYERS_AT_ONCE  how many pages play at the same time; 3
import assert from 'node:assert/strict'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { executable, launch } from './browser.mjs'
import { judge } from './judge.mjs'
import { key, kindsOf, lines, ordersOf, settingsOf } from './kinds.mjs'
import { binary, convert, makeCaptions, makeClip } from './media.mjs'
import { serve } from './serve.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

await access(executable).catch(() => assert.fail('Chromium is not installed (Debian: chromium); run scripts/setup.sh test'))
await access(binary).catch(() => assert.fail('bin/spool is not built; run make build'))

const work = process.env.SPOOL_KEEP ?? (await mkdtemp(join(tmpdir(), 'spool-players-')))
const server = await serve(
  { page: here('page'), modules: here('node_modules'), out: join(work, 'made', 'out') },
  { key: (_, response) => response.end(Buffer.from(key, 'hex')) },
)
const kinds = kindsOf(`${server.url}/key`)
let browser

after(async () => {
  await browser?.close()
  await server.close()
  if (!process.env.SPOOL_KEEP) await rm(work, { recursive: true, force: true })
})

const input = await makeClip(join(work, 'clip'))
await makeCaptions(join(work, 'made'), lines)
const result = await convert(join(work, 'made'), input, settingsOf(kinds))
assert.equal(result.status, 'COMPLETE')
assert.deepEqual(result.warnings, [], 'every setting of the job is honoured')
browser = await launch()

/** Opens a page, lets it do the work, and gives what it says. */
async function inPage(t, order) {
  const page = await browser.page()
  t.after(() => page.context().close())
  page.on('pageerror', (error) => t.diagnostic(`exception: ${error.message}`))
  // Of what a page may not read.
  await page.exposeFunction('screenshot', async () => (await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 180 } })).toString('base64'))
  await page.goto(`${server.url}/page/index.html`)
  return page.evaluate(async (o) => (await import('/page/session.mjs')).session(o), order)
}

describe('players', { concurrency: Number(process.env.PLAYERS_AT_ONCE ?? 3) }, () => {
  for (const { title, kind, order } of ordersOf(kinds)) {
    test(title, { timeout: 90_000 }, async (t) => {
      t.diagnostic(judge(await inPage(t, order), kind))
    })
  }
})
