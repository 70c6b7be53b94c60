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
    const value = holds()
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
 * Seeks, and gives the number of the frame shown then. Where a rung replaces
 * another, the old picture may be shown for a moment: waited for is one that
 * can be right, with players that show a transport stream late by its reordering.
 */
async function seek(to, rung) {
  const want = Math.floor(to * clip.fps + 1e-6)
  const width = rung?.width
  video.currentTime = to
  rung?.choose(true)
  let again = performance.now() + 300
  await until(`the picture at ${to} s${width ? `, ${width} wide,` : ''}`, () => {
    // What replaces a picture under a paused element is drawn after a seek only.
    if (width && video.videoWidth !== width && !video.seeking && performance.now() > again) {
      again = performance.now() + 300
      video.currentTime = to
    }
    const frame = frameNumber(video)
    return !video.seeking && video.readyState >= 2 && (!width || video.videoWidth === width) && frame >= want - 3 && frame <= want + 3
  })
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  return { to, frame: frameNumber(video), width: video.videoWidth }
}

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
  const report = { frames: [], sounds: [], waits: [], cues: [] }
  const note = () => {
    if (video.currentTime > 0.2 && video.currentTime < video.duration - 0.1) report.waits.push(video.currentTime)
  }
  const each = (_, { mediaTime }) => {
    report.frames.push([mediaTime, frameNumber(video), video.videoWidth])
    report.sounds.push([video.currentTime, ...Object.values(ear.now())])
    if (!video.ended) video.requestVideoFrameCallback(each)
  }
  video.requestVideoFrameCallback(each)
  video.playbackRate = rate
  await ear.ready()
  await video.play()
  video.addEventListener('waiting', note)
  await until('the end', () => video.ended, 40)
  video.removeEventListener('waiting', note)
  report.time = video.currentTime
  return report
}

/**
 * @param {{ player: string, url: string, options: object, rate: number, seeks: number[], text?: number }} order
 */
export async function session({ player: name, url, options = {}, rate = 2, text }) {
  const report = { duration: 0, rungs: [], seeks: [] }
  const ear = listen()
  const player = await makers[name](video, (why) => failures.push(why))
  await player.load(new URL(url, location.href).href, options)
  await until('the first picture', () => video.readyState >= 2)
  report.duration = video.duration
  report.languages = player.languages()
  report.captions = player.captions()
  if (text !== undefined) player.caption(text)
  const rungs = player.rungs()
  report.rungs = rungs.map(({ width, height }) => [width, height])
  // Every rung, each at another place.
  for (const [i, rung] of rungs.entries()) {
    report.seeks.push(await seek(((i * 2.9 + 4.3) % (clip.seconds - 1)) + 0.5 / clip.fps, rung))
  }
  // A join of two rungs in what is buffered: half of it from the first, the
  // rest from the last.
  player.ahead(2)
  report.seeks.push(await seek(0.5 + 0.5 / clip.fps, rungs[0]))
  await until('the start of the buffer', () => video.buffered.length > 0 && video.buffered.end(video.buffered.length - 1) >= 1.9)
  rungs.at(-1)?.choose(false)
  player.ahead(60)
  await until('the whole buffer', () => {
    const all = ranges(video.buffered)
    return all.length > 0 && all.at(-1)[1] >= video.duration - 0.1
  })
  report.buffered = ranges(video.buffered)
  report.tracks = text === undefined ? [] : [...video.textTracks].map((t) => ({ mode: t.mode, cues: [...(t.cues ?? [])].map((c) => [c.startTime, c.endTime, c.text]) }))
  // On a busy machine the decoders may be late: what is a fault of the stream
  // comes again in the same place.
  report.goes = []
  do {
    // Transport streams may begin a little later than 0.
    video.currentTime = 0.1
    await until('the beginning', () => !video.seeking && video.readyState >= 3)
    report.goes.push(await playThrough(report.goes.length ? 1 : rate, ear))
  } while (report.goes.length < 3 && report.goes.at(-1).waits.length > 0)
  report.quality = { total: video.getVideoPlaybackQuality().totalVideoFrames, dropped: video.getVideoPlaybackQuality().droppedVideoFrames }
  report.failures = failures
  await player.destroy()
  return report
}
