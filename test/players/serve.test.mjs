// A server delivers what a job made: dash.js plays Smooth Streaming, whose
// fragments are no files, and the page of Spool plays each of its own streams.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch } from './browser.mjs'
import { judge } from './judge.mjs'
import { serverKind, settingsOf } from './kinds.mjs'
import { binary, makeClip } from './media.mjs'
import { serve } from './serve.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const work = await mkdtemp(join(tmpdir(), 'spool-served-'))
const pages = await serve({ page: here('page'), modules: here('node_modules') })
const browser = await launch()
let child
after(async () => {
  await browser.close()
  await pages.close()
  if (child && child.exitCode === null) {
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 40_000)
    await ended
    clearTimeout(force)
  }
  await rm(work, { recursive: true, force: true })
})

/** Starts bin/spool with one pipeline; gives its address and the link to sign in. */
async function start() {
  const settings = settingsOf([serverKind])
  settings.Inputs[0].CaptionSelectors = undefined
  await writeFile(join(work, 'job.json'), JSON.stringify({ Role: 'arn:aws:iam::000000000000:role/r', Settings: settings }))
  await writeFile(
    join(work, 'spool.yaml'),
    `buckets:
  - name: uploads
  - name: media
    deliver: true
pipelines:
  - name: players
    bucket: uploads
    job: job.json
    destinations: [${serverKind.group.map((_, i) => `"s3://media/${i}/m"`).join(', ')}]
`,
  )
  child = spawn(binary, ['serve', '--config', join(work, 'spool.yaml'), '--data', join(work, 'data'), '--http', '127.0.0.1:0', '--s3', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (text) => (log += text))
  const ready = new Promise((resolve) => {
    let url = ''
    let signIn = ''
    createInterface({ input: child.stdout }).on('line', (line) => {
      log += `${line}\n`
      signIn ||= /https?:\/\/\S+\/signin\?token=[\w-]+/.exec(line)?.[0] ?? ''
      url ||= /^ready http=(\S+)/.exec(line)?.[1] ?? ''
      if (url && signIn) resolve({ url, signIn })
    })
  })
  const found = await Promise.race([ready, new Promise((resolve) => child.once('close', resolve))])
  assert.ok(found?.url, `bin/spool did not start:\n${log}`)
  return found
}

test('Smooth Streaming, and the page', { timeout: 120_000 }, async (t) => {
  const [clip, { url, signIn }] = await Promise.all([makeClip(join(work, 'clip')), start()])
  const page = await browser.page()
  const complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(signIn)
  await page.getByLabel('Videos to upload').setInputFiles(clip)
  const row = page.locator('a[data-guid]').first()
  await row.locator('[data-status="Complete"], [data-status="Error"]').waitFor({ timeout: 60_000 })
  const guid = await row.getAttribute('data-guid')
  const record = await (await page.request.get(new URL(`/api/v1/videos/${guid}`, url).href)).json()
  assert.equal(record.workflowStatus, 'Complete', record.errorMessage)

  await t.test('dash.js: Smooth Streaming', async (s) => {
    const other = await browser.page()
    s.after(() => other.context().close())
    await other.goto(`${pages.url}/page/index.html`)
    const order = { player: 'dash', url: record.mssUrl, options: { language: 'fr' } }
    s.diagnostic(judge(await other.evaluate(async (o) => (await import('/page/session.mjs')).session(o), order), serverKind))
  })

  await t.test('the page plays every stream but that one', async () => {
    await row.click()
    const choice = (name) => page.locator('.choices label', { has: page.getByText(name, { exact: true }) }).locator('select')
    const stream = choice('Stream')
    await stream.waitFor()
    const names = await stream.locator('option').allInnerTexts()
    assert.deepEqual(names, ['HLS', 'CMAF, HLS', 'DASH', 'CMAF, DASH'])
    for (const name of names) {
      await stream.selectOption(name)
      await page.waitForFunction(() => document.querySelector('video').readyState >= 3 && document.querySelector('video').currentTime < 0.2, null, { timeout: 20_000 })
      await page.locator('video').evaluate((video) => {
        video.muted = true
        return video.play()
      })
      await page.waitForFunction(() => document.querySelector('video').currentTime > 0.7, null, { timeout: 20_000 })
      assert.equal(await page.getByRole('alert').count(), 0, `${name} plays`)
    }
    assert.equal(await page.getByLabel('Stream (Smooth Streaming)', { exact: true }).inputValue(), record.mssUrl)
    assert.deepEqual(await choice('Sound').locator('option').allInnerTexts(), ['English', 'French'])
    assert.deepEqual(complaints, [])
  })
})
