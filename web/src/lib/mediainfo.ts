import { bitrate, duration, rate } from './format'

/** One fact with its name. */
export interface Fact {
  name: string
  value: string
}

export interface Track {
  kind: 'Video' | 'Audio' | 'Text'
  facts: string[]
}

export interface MediaInfo {
  durationMs?: number
  facts: Fact[]
  tracks: Track[]
}

type Bag = Record<string, unknown>

const bag = (x: unknown): Bag => (x !== null && typeof x === 'object' && !Array.isArray(x) ? (x as Bag) : {})
const list = (x: unknown): Bag[] => (Array.isArray(x) ? x.map(bag) : [])
const text = (x: unknown): string => (typeof x === 'string' ? x.trim() : '')

/** A number that is there and positive; numbers written as strings count. */
function positive(x: unknown): number | undefined {
  const n = typeof x === 'string' && x.trim() !== '' ? Number(x) : x
  return typeof n === 'number' && Number.isFinite(n) && n > 0 ? n : undefined
}

// Probes name things as FFmpeg does; these are the names that people know.
const codecs: Record<string, string> = {
  h264: 'H.264',
  hevc: 'H.265',
  av1: 'AV1',
  vp8: 'VP8',
  vp9: 'VP9',
  prores: 'ProRes',
  mpeg2video: 'MPEG-2',
  mpeg4: 'MPEG-4',
  aac: 'AAC',
  ac3: 'Dolby Digital',
  eac3: 'Dolby Digital Plus',
  mp3: 'MP3',
  opus: 'Opus',
  vorbis: 'Vorbis',
  flac: 'FLAC',
}
const containers: [string, string][] = [
  ['mov,mp4', 'MP4 / QuickTime'],
  ['matroska', 'Matroska / WebM'],
  ['mpegts', 'MPEG transport stream'],
  ['mpeg', 'MPEG program stream'],
  ['avi', 'AVI'],
  ['mxf', 'MXF'],
  ['flv', 'Flash video'],
]

const codecName = (name: string): string => codecs[name] ?? name
const containerName = (name: string): string => containers.find(([start]) => name.startsWith(start))?.[1] ?? name

const some = (facts: (string | number | undefined | false)[]): string[] => facts.filter((f): f is string => typeof f === 'string' && f !== '')

function videoTrack(t: Bag): Track {
  const width = positive(t.width)
  const height = positive(t.height)
  const fps = positive(t.framerate)
  const bps = positive(t.bitrate)
  const depth = positive(t.bitDepth)
  const scan = text(t.scanType)
  return {
    kind: 'Video',
    facts: some([
      [codecName(text(t.codec)), text(t.profile)].filter(Boolean).join(' '),
      width && height && `${width} × ${height}`,
      fps && `${rate(fps)} frames/s`,
      bps && bitrate(bps),
      depth && depth > 8 && `${depth} bit`,
      scan && scan.toLowerCase() !== 'progressive' && scan.toLowerCase(),
      text(t.colorSpace),
    ]),
  }
}

function audioTrack(t: Bag): Track {
  const channels = positive(t.channels)
  const hz = positive(t.samplingRate)
  const bps = positive(t.bitrate)
  const layouts: Record<number, string> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' }
  return {
    kind: 'Audio',
    facts: some([
      codecName(text(t.codec)),
      channels && (layouts[channels] ?? `${channels} channels`),
      hz && `${rate(hz / 1000)} kHz`,
      bps && bitrate(bps),
      text(t.language),
    ]),
  }
}

/**
 * Reads the record's srcMediainfo, a JSON string {filename, container{format,
 * fileSize, duration (ms), totalBitrate}, video[], audio[], text[]}. Whatever is
 * missing or strange is left out: it describes somebody's broken file, too.
 */
export function readMediainfo(json: string | undefined): MediaInfo {
  let root: Bag = {}
  try {
    root = bag(JSON.parse(json ?? ''))
  } catch {
    return { facts: [], tracks: [] }
  }
  const container = bag(root.container)
  const ms = positive(container.duration)
  const bps = positive(container.totalBitrate)
  const format = containerName(text(container.format))
  const facts: Fact[] = []
  if (ms) facts.push({ name: 'Duration', value: duration(ms) })
  if (format) facts.push({ name: 'Container', value: format })
  if (bps) facts.push({ name: 'Bitrate', value: bitrate(bps) })
  const tracks: Track[] = [
    ...list(root.video).map(videoTrack),
    ...list(root.audio).map(audioTrack),
    ...list(root.text).map((t): Track => ({ kind: 'Text', facts: some([text(t.codec), text(t.language)]) })),
  ].filter((t) => t.facts.length > 0)
  return ms ? { durationMs: ms, facts, tracks } : { facts, tracks }
}
