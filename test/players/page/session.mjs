// One player plays one stream in this page; what happened comes back as plain data.
import { clip } from './clip.mjs'
import { frameNumber } from './picture.mjs'
import { makers } from './players.mjs'

const video = document.querySelector('video')
const failures = []

/** Resolves when the condition holds; fails with its name and what the element says. */
async function until(what, holds, seconds = 20) {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const value = await holds()
    if (value) return value
    if (failures.length) throw new Error(`while waiting for ${what}: ${failures.join('; ')}`)
    if (video.error) throw new Error(`while waiting for ${what}: ${video.error.message}`)
    if (performance.now() > end) throw new Error(`${what} did not come within ${seconds} s: ${JSON.stringify(look())}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const ranges = (r) => Array.from({ length: r.length }, (_, i) => [r.start(i), r.end(i)])
const look = () => ({
  time: video.currentTime,
  duration: video.duration,
  ready: video.readyState,
  paused: video.paused,
  seeking: video.seeking,
  width: video.videoWidth,
  frame: frameNumber(video),
  buffered: ranges(video.buffered),
})

/**
 * The number of the frame shown. What was decrypted can't be drawn into a
 * canvas: of that the test takes a photograph of the screen.
 */
let secret = false
async function see() {
  if (!secret) return frameNumber(video)
  const png = Uint8Array.from(atob(await window.screenshot()), (c) => c.charCodeAt(0))
  return frameNumber(await createImageBitmap(new Blob([png], { type: 'image/png' })))
}

/**
 * Seeks, and gives the number of the frame shown then. Waited for is one that
 * can be right, with players that show a transport stream late by its reordering.
 */
async function seek(to) {
  const want = Math.floor(to * clip.fps + 1e-6)
  await until(`the picture at ${to} s`, async () => {
    // Shaka Player steps over the gap before a late beginning, which may undo a seek.
    if (Math.abs(video.currentTime - to) > 0.1) video.currentTime = to
    return !video.seeking && video.readyState >= 2 && Math.abs((await see()) - want) <= 3
  })
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  return { to, frame: await see(), width: video.videoWidth }
}

/** The middle of the picture that begins at a time. */
const middle = (at) => at + 0.5 / clip.fps

/** Listens to the element: gives the strongest pitch and its level on call. */
function listen() {
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 })
  const source = context.createMediaElementSource(video)
  source.connect(analyser)
  analyser.connect(new GainNode(context, { gain: 0 })).connect(context.destination)
  const bins = new Float32Array(analyser.frequencyBinCount)
  return {
    ready: () => context.resume(),
    now() {
      analyser.getFloatFrequencyData(bins)
      let top = 0
      for (let i = 1; i < bins.length; i++) if (bins[i] > bins[top]) top = i
      return { pitch: (top * context.sampleRate) / analyser.fftSize, level: bins[top] }
    },
  }
}

/** Plays to the end and writes down every picture, sound and caption on the way. */
async function playThrough(rate, ear) {
  const report = { frames: [], photos: [], drawn: [], sounds: [], waits: [] }
  const note = () => {
    if (video.currentTime > 0.2 && video.currentTime < video.duration - 0.1) report.waits.push(video.currentTime)
  }
  const each = (_, { mediaTime }) => {
    if (!secret) report.frames.push([mediaTime, frameNumber(video), video.videoWidth])
    report.drawn.push([video.currentTime, document.querySelector('#text').textContent])
    report.sounds.push([video.currentTime, ...Object.values(ear.now())])
    if (!video.ended) video.requestVideoFrameCallback(each)
  }
  video.requestVideoFrameCallback(each)
  video.playbackRate = rate
  await ear.ready()
  await video.play()
  video.addEventListener('waiting', note)
  await until(
    'the end',
    async () => {
      const from = video.currentTime
      if (secret) report.photos.push([from, await see(), video.currentTime, video.videoWidth])
      return video.ended
    },
    40,
  )
  video.removeEventListener('waiting', note)
  report.time = video.currentTime
  return report
}

/**
 * All captions as [from, to, words]. dash.js draws TTML by itself: its cues have
 * no words, and what it has drawn in their time is taken.
 */
function cues(goes) {
  const drawn = ([from, to]) => goes.flatMap((go) => go.drawn).find(([at]) => at > from + 0.1 && at < to)?.[1] ?? ''
  return [...video.textTracks]
    .filter((track) => track.mode === 'showing')
    .flatMap((track) => [...(track.cues ?? [])])
    .map((cue) => [cue.startTime, cue.endTime, cue.text || drawn([cue.startTime, cue.endTime])])
}

/** What the thumbnail of a time shows, and the time it is for. */
async function thumbnail(player, at) {
  const found = await player.thumbnail(at)
  if (!found) return { at, frame: -1 }
  const all = await createImageBitmap(await (await fetch(found.uri)).blob())
  const { x, y, width, height, startTime, duration } = found
  return { at, frame: frameNumber(await createImageBitmap(all, x, y, width, height)), from: startTime, to: startTime + duration }
}

/** The key's id that a DASH manifest names. */
async function keyID(url) {
  const manifest = new DOMParser().parseFromString(await (await fetch(url)).text(), 'text/xml')
  const [element] = manifest.querySelectorAll('ContentProtection[*|default_KID]')
  return element.getAttributeNS('urn:mpeg:cenc:2013', 'default_KID').replaceAll('-', '').toLowerCase()
}

/**
 * @param {{ player: string, url: string, options: object, rate: number, seeks: number[], text?: string }} order
 */
export async function session({ player: name, url, options = {}, rate = 2, text, thumbnails = false, secret: protectedByKey = false }) {
  const report = { duration: 0, rungs: [], seeks: [] }
  const ear = listen()
  secret = protectedByKey
  if (options.key) options.clearKeys = { [await keyID(url)]: options.key }
  const start = async () => {
    const player = await makers[name](video, (why) => failures.push(why))
    await player.load(new URL(url, location.href).href, options)
    await until('the first picture', () => video.readyState >= 2)
    return player
  }
  // A seek to where nothing is buffered yet.
  let player = await start()
  report.seeks.push(await seek(middle(clip.seconds - 1.5)))
  await player.destroy()
  player = await start()
  report.duration = video.duration
  report.languages = player.languages()
  report.captions = player.captions()
  const rungs = player.rungs()
  report.rungs = rungs.map(({ width, height }) => [width, height])
  if (text) player.caption(text)
  // The start from the lowest rung, what follows from the highest.
  await until('the start of the buffer', () => video.buffered.length > 0 && video.buffered.end(0) >= 3)
  rungs.at(-1)?.choose()
  player.ahead(60)
  await until('the whole buffer', () => {
    const all = ranges(video.buffered)
    return all.length === 1 && all[0][1] >= video.duration - 0.1
  })
  report.buffered = ranges(video.buffered)
  for (const at of [1.5, clip.seconds / 2, clip.seconds - 1]) report.seeks.push(await seek(middle(at)))
  // On a busy machine the decoders may be late: what is a fault of the stream
  // comes again in the same place.
  report.goes = []
  do {
    // Transport streams may begin a little later than 0.
    video.currentTime = 0.1
    await until('the beginning', () => !video.seeking && video.readyState >= 3)
    report.goes.push(await playThrough(report.goes.length ? 1 : rate, ear))
  } while (report.goes.length < 3 && report.goes.at(-1).waits.length > 0)
  if (thumbnails) report.thumbnails = await Promise.all([0.5, 5.5].map((at) => thumbnail(player, at)))
  if (text) report.cues = cues(report.goes)
  report.quality = { total: video.getVideoPlaybackQuality().totalVideoFrames, dropped: video.getVideoPlaybackQuality().droppedVideoFrames }
  report.failures = failures
  await player.destroy()
  return report
}
