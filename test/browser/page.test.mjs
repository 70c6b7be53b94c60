// A person's way through the page, in a real browser against a real server:
// sign in, upload, follow, play. It starts bin/spool for itself; to test another
// server, give
//   SPOOL_URL     where its page is, such as http://127.0.0.1:8080
//   SPOOL_SIGNIN  the sign-in link that it printed
//   SPOOL_CLIP    a video of at least 12 s that a pipeline with an HLS output takes
// and, if wanted,
//   SPOOL_SHOTS   a folder for screenshots
//   SPOOL_WAIT    how many seconds a clip may take; 180
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { open } from './browser.mjs'
import { server } from './server.mjs'

const { SPOOL_SHOTS } = process.env
const wait = Number(process.env.SPOOL_WAIT ?? 180) * 1000
const { url, signIn, clip, stop, missing } = await server()
const skip = missing ?? false
if (stop) after(stop)

async function shot(page, name) {
  if (!SPOOL_SHOTS) return
  await mkdir(SPOOL_SHOTS, { recursive: true })
  await page.screenshot({ path: join(SPOOL_SHOTS, `${name}.png`), fullPage: true })
}

const row = (page, name) => page.locator('a[data-guid]', { hasText: name }).first()

test('without the link the page says how to sign in', { skip }, async (t) => {
  const { page } = await open(t, url)
  await page.goto(url)
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  await shot(page, 'signed-out')
})

test('a video is uploaded, followed and played', { skip, timeout: wait + 90_000 }, async (t) => {
  const { page, complaints, strangers } = await open(t, url)
  const name = basename(clip)
  await page.addInitScript(() => {
    // Kept to see where the player puts sound and picture.
    window.buffers = []
    const add = MediaSource.prototype.addSourceBuffer
    MediaSource.prototype.addSourceBuffer = function (type) {
      const buffer = add.call(this, type)
      window.buffers.push({ type, buffer })
      return buffer
    }
  })
  await page.goto(signIn)
  await page.getByRole('button', { name: 'Choose videos' }).waitFor()
  await shot(page, 'before')

  const before = await page.locator('a[data-guid]').count()
  let loads = 0
  page.on('load', () => loads++)
  await page.getByLabel('Videos to upload').setInputFiles(clip)
  // The new video comes by an event, and takes the upload's place.
  await page.waitForFunction((n) => document.querySelectorAll('a[data-guid]').length > n, before, { timeout: 30_000 })
  const mine = row(page, name)
  const guid = await mine.getAttribute('data-guid')
  await page.locator('[data-upload]').first().waitFor({ state: 'detached', timeout: 10_000 })

  const link = page.locator(`a[data-guid="${guid}"]`)
  const seen = new Set()
  for (const end = Date.now() + wait; ; ) {
    const status = await link.locator('[data-status]').getAttribute('data-status')
    if (!seen.has(status)) await shot(page, `list-${status.toLowerCase()}`)
    seen.add(status)
    if (status === 'Complete') break
    assert.notEqual(status, 'Error', `the video failed: ${await link.innerText()}`)
    assert.ok(Date.now() < end, `after ${wait / 1000} s the video is still at ${status}`)
    // Wakes on the next change of the row.
    await page
      .waitForFunction(
        ([g, s]) => document.querySelector(`a[data-guid="${g}"] [data-status]`)?.getAttribute('data-status') !== s,
        [guid, status],
        { timeout: Math.max(1, end - Date.now()) },
      )
      .catch(() => {})
  }
  assert.equal(loads, 0, 'the list followed the video without being loaded again')
  assert.ok(seen.size > 1, `a state before Complete was seen: ${[...seen]}`)

  // By keyboard: the row is a link.
  const segments = new Set()
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname
    if (path.endsWith('.ts')) segments.add(path)
  })
  await link.focus()
  await page.keyboard.press('Enter')
  const video = page.locator('video')
  await video.waitFor()
  await page.waitForFunction(() => document.querySelector('video').readyState >= 2, null, { timeout: 30_000 })
  await video.evaluate((v) => {
    v.muted = true
    return v.play()
  })
  await page.waitForFunction(() => document.querySelector('video').currentTime > 2.5, null, { timeout: 30_000 })
  // Far ahead, and then on to the end: joins of segments are played as well.
  const length = await video.evaluate((v) => v.duration)
  assert.ok(Number.isFinite(length) && length > 5, `the stream's duration is ${length}`)
  await video.evaluate((v, to) => (v.currentTime = to), Math.max(3, length - 6))
  await page.waitForFunction(() => document.querySelector('video').ended, null, { timeout: 40_000 })
  const end = await video.evaluate((v) => ({
    width: v.videoWidth,
    height: v.videoHeight,
    time: v.currentTime,
    dropped: v.getVideoPlaybackQuality().droppedVideoFrames,
    total: v.getVideoPlaybackQuality().totalVideoFrames,
    error: v.error?.message ?? '',
  }))
  assert.equal(end.error, '')
  assert.ok(end.width >= 128 && end.height >= 96, `the picture is ${end.width} × ${end.height}`)
  assert.ok(end.total > 60, `${end.total} frames were shown`)
  assert.ok(Math.abs(end.time - length) < 0.5, `playback ended at ${end.time} of ${length} s`)
  assert.ok(segments.size >= 2, `${segments.size} segments were fetched`)
  t.diagnostic(`played ${length.toFixed(2)} s, ${end.width} × ${end.height}, ${end.total} frames, ${end.dropped} dropped`)
  await video.evaluate((v) => (v.currentTime = 2))
  await page.waitForFunction(() => !document.querySelector('video').seeking)
  await shot(page, 'video')
  await page.waitForFunction(() => window.buffers.every(({ buffer }) => buffer.buffered.length > 0))
  const starts = await page.evaluate(() => window.buffers.map(({ type, buffer }) => ({ type, start: buffer.buffered.start(0), parts: buffer.buffered.length })))
  t.diagnostic(starts.map(({ type, start }) => `${type.split('/')[0]} from ${start.toFixed(3)} s`).join(', '))
  if (!process.env.SPOOL_CLIP) {
    // In the clip made here both begin together.
    assert.equal(starts.length, 2)
    assert.ok(Math.abs(starts[0].start - starts[1].start) < 0.04, 'sound and picture are within 40 ms of each other')
  }

  // What the page offers can really be fetched.
  const stream = await page.getByLabel('Stream (HLS)', { exact: true }).inputValue()
  const playlist = await page.request.get(stream)
  assert.equal(playlist.status(), 200)
  assert.match(await playlist.text(), /^#EXTM3U/)
  for (const file of await page.locator('a[download]').evaluateAll((all) => all.map((a) => a.href))) {
    const part = await page.request.get(file, { headers: { Range: 'bytes=0-99' } })
    assert.equal(part.status(), 206, `${file} answers a range`)
    assert.equal((await part.body()).length, 100)
  }

  // A reload of the video's own address finds it again, and plays, although the
  // list that comes meanwhile renews everything else.
  await page.reload()
  await page.getByRole('heading', { level: 1, name }).waitFor()
  await page.waitForFunction(() => document.querySelector('video')?.readyState >= 3, null, { timeout: 30_000 })
  await page.locator('video').evaluate((v) => {
    v.muted = true
    return v.play()
  })
  await page.waitForFunction(() => document.querySelector('video').currentTime > 1, null, { timeout: 30_000 })
  assert.deepEqual(complaints, [], 'the browser complained')
  assert.deepEqual(strangers, [], 'the page loaded something from elsewhere')
})

test('what is not a video fails in words', { skip, timeout: 120_000 }, async (t) => {
  const { page } = await open(t, url)
  const folder = await mkdtemp(join(tmpdir(), 'spool-clip-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const name = `no video ${Date.now()}.mp4`
  await writeFile(join(folder, name), 'This is a text.\n'.repeat(1000))
  await page.goto(signIn)
  await page.getByLabel('Videos to upload').setInputFiles(join(folder, name))
  const failed = row(page, name).locator('[data-status="Error"]')
  await failed.waitFor({ timeout: 90_000 })
  await shot(page, 'list-error')
  await row(page, name).click()
  const said = await page.getByRole('alert').innerText()
  assert.ok(said.trim().length > 20, `the page says why: ${said}`)
  t.diagnostic(said.replaceAll('\n', ' '))
  await shot(page, 'video-error')
})

test('files are dropped; one that no pipeline takes is refused in words', { skip, timeout: 60_000 }, async (t) => {
  const { page } = await open(t, url)
  await page.goto(signIn)
  await page.getByRole('button', { name: 'Choose videos' }).waitFor()
  const { pipelines } = await (await page.request.get(new URL('/api/v1/pipelines', url).href)).json()
  if (pipelines.some((p) => p.suffixes.length === 0)) return t.skip('a pipeline takes every file')
  await page.evaluate(() => {
    const files = new DataTransfer()
    for (const name of ['one.spool-test', 'two.spool-test']) files.items.add(new File(['text'], name, { type: 'text/plain' }))
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: files }))
    }
  })
  const failed = page.locator('[data-upload="failed"]')
  await failed.nth(1).waitFor({ timeout: 20_000 })
  const said = await failed.first().getByRole('alert').innerText()
  assert.match(said, /No pipeline takes/)
  await shot(page, 'refused')
  t.diagnostic(said)
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await failed.nth(1).waitFor({ timeout: 20_000 })
  for (let left = 2; left > 0; left--) await page.getByRole('button', { name: /^Dismiss/ }).first().click()
  await page.locator('[data-upload]').first().waitFor({ state: 'detached' })
})

for (const [look, options] of Object.entries({
  phone: { viewport: { width: 375, height: 740 }, deviceScaleFactor: 2 },
  dark: { colorScheme: 'dark' },
})) {
  test(`the page fits: ${look}`, { skip }, async (t) => {
    const { page, complaints } = await open(t, url, options)
    // By another of the machine's names, too: links and policy must follow it.
    await page.goto(look === 'phone' ? signIn.replace('//127.0.0.1:', '//localhost:') : signIn)
    const complete = page.locator('a[data-guid]', { has: page.locator('[data-status="Complete"]') }).first()
    await complete.waitFor()
    await shot(page, `list-${look}`)
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.equal(await overflow(), 0, 'the list is not wider than the window')
    await complete.click()
    await page.waitForFunction(() => document.querySelector('video')?.readyState >= 3, null, { timeout: 30_000 })
    await shot(page, `video-${look}`)
    assert.equal(await overflow(), 0, 'the video’s page is not wider than the window')
    assert.deepEqual(complaints, [])
  })
}
