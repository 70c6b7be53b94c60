// The clip that everything is made from, and what makes things of it.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { clip } from './page/clip.mjs'

const run = promisify(execFile)
export const root = fileURLToPath(new URL('../..', import.meta.url))
export const binary = process.env.SPOOL_BINARY ?? join(root, 'bin', 'spool')

/** Runs a command; what it wrote is in the error when it fails. */
export async function command(name, args, options = {}) {
  try {
    return await run(name, args, { maxBuffer: 64 << 20, ...options })
  } catch (e) {
    throw new Error(`${name} ${args.join(' ')}\n${e.stdout ?? ''}${e.stderr ?? ''}${e.stdout || e.stderr ? '' : e.message}`)
  }
}

/** A WAV file of two equal channels whose pitch says which second it is. */
function tones(pitch, seconds) {
  const rate = 48000
  const frames = rate * seconds
  const data = Buffer.alloc(44 + frames * 4)
  data.write('RIFF', 0)
  data.writeUInt32LE(36 + frames * 4, 4)
  data.write('WAVEfmt ', 8)
  data.writeUInt32LE(16, 16)
  data.writeUInt16LE(1, 20)
  data.writeUInt16LE(2, 22)
  data.writeUInt32LE(rate, 24)
  data.writeUInt32LE(rate * 4, 28)
  data.writeUInt16LE(4, 32)
  data.writeUInt16LE(16, 34)
  data.write('data', 36)
  data.writeUInt32LE(frames * 4, 40)
  let phase = 0
  for (let i = 0; i < frames; i++) {
    phase += (2 * Math.PI * pitch(Math.floor(i / rate))) / rate
    const v = Math.round(12000 * Math.sin(phase))
    data.writeInt16LE(v, 44 + i * 4)
    data.writeInt16LE(v, 46 + i * 4)
  }
  return data
}

/** A moving picture with numbered frames, and two sound tracks: English and French. */
export async function makeClip(folder, seconds = clip.seconds) {
  await mkdir(folder, { recursive: true })
  const at = (name) => join(folder, name)
  await Promise.all([
    command('go', ['run', './internal/testkit/mkclip', '-o', at('picture.mp4'), '-size', `${clip.width}x${clip.height}`, '-seconds', String(seconds), '-fps', String(clip.fps), '-audio', 'none'], { cwd: root }),
    writeFile(at('eng.wav'), tones(clip.english, seconds)),
    writeFile(at('fra.wav'), tones(clip.french, seconds)),
  ])
  await command('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-i', at('picture.mp4'), '-i', at('eng.wav'), '-i', at('fra.wav')],
    ...['-map', '0', '-map', '1', '-map', '2', '-c:v', 'copy', '-c:a', 'aac', '-b:a', '128k'],
    ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=fra', at('clip.mp4')],
  ])
  return at('clip.mp4')
}

const stamp = (seconds, point) => new Date(seconds * 1000).toISOString().slice(11, 23).replace('.', point)

/** Writes the captions of a job that goes by folder: English as SRT, French as WebVTT. */
export async function makeCaptions(folder, lines) {
  await mkdir(join(folder, 'in'), { recursive: true })
  const cues = (point, language) => lines.map((line, i) => `${i + 1}\n${stamp(line.from, point)} --> ${stamp(line.to, point)}\n${line[language]}\n\n`).join('')
  await writeFile(join(folder, 'in', 'english.srt'), cues(',', 'en'))
  await writeFile(join(folder, 'in', 'french.vtt'), `WEBVTT\n\n${cues('.', 'fr')}`)
}

/**
 * Runs one job without a server. What its destinations name s3://out/… lies in
 * folder/out afterwards.
 */
export async function convert(folder, input, settings) {
  await mkdir(folder, { recursive: true })
  const job = join(folder, 'job.json')
  await writeFile(job, JSON.stringify({ Role: 'arn:aws:iam::000000000000:role/r', Settings: settings }))
  const { stdout } = await command(binary, ['convert', job, '-i', input, '-o', folder, '--json'])
  return JSON.parse(stdout)
}
