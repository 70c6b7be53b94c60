// Keeps sound and picture together in transport streams.
//
// Shaka Player puts the first decode time of the video and the first time of the
// audio both at the start of the segment. With B-frames a picture is shown two
// or more frames after its decode time, so the sound comes that much too early
// (60 to 90 ms at 24 frames/s), and a track that really begins later is moved to
// the beginning. The difference that Shaka takes away is given back here, by
// shifting the audio fragments that its transmuxer makes.

type Visit = (type: string, at: number, end: number) => void

const boxType = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7))

/** Walks the boxes of an ISO file between two places, and into containers. */
function walk(view: DataView, from: number, to: number, into: ReadonlySet<string>, visit: Visit): void {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at)
    if (size < 8 || at + size > to) return // 64-bit and broken boxes are none of ours
    const type = boxType(view, at)
    if (into.has(type)) walk(view, at + 8, at + size, into, visit)
    else visit(type, at + 8, at + size)
    at += size
  }
}

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength)

/** Ticks per second of the first track of an initialisation segment; 0 where there is none. */
export function timescale(init: Uint8Array): number {
  const view = viewOf(init)
  let found = 0
  walk(view, 0, view.byteLength, new Set(['moov', 'trak', 'mdia']), (type, at) => {
    if (type === 'mdhd' && found === 0) found = view.getUint32(at + (view.getUint8(at) === 1 ? 20 : 12))
  })
  return found
}

function decodeTimes(view: DataView, visit: (get: () => number, set: (ticks: number) => void) => void): void {
  walk(view, 0, view.byteLength, new Set(['moof', 'traf']), (type, at) => {
    if (type !== 'tfdt') return
    const long = view.getUint8(at) === 1
    visit(
      () => (long ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4)),
      (ticks) => (long ? view.setBigUint64(at + 4, BigInt(ticks)) : view.setUint32(at + 4, ticks)),
    )
  })
}

/** The first decode time of a media segment, in ticks; undefined where there is none. */
export function decodeTime(media: Uint8Array): number | undefined {
  let first: number | undefined
  decodeTimes(viewOf(media), (get) => (first ??= get()))
  return first
}

/** Moves all fragments of a media segment, in place. */
export function shift(media: Uint8Array, ticks: number): void {
  if (ticks === 0) return
  decodeTimes(viewOf(media), (get, set) => set(Math.max(0, get() + ticks)))
}

export interface Fragment {
  data: Uint8Array
  init: Uint8Array | null
}

/** What an aligner knows of the first video fragment, in seconds. */
interface Start {
  time: number
  segment: unknown
}

/** Shared by the two tracks of one player. */
export class Alignment {
  #video: Start | undefined

  /** Aligns the fragments of one track; `segment` tells which segment they came from. */
  track(): (fragment: Fragment, kind: string, segment: unknown) => void {
    let ticks = 0
    let begun = false
    let move = 0
    return (fragment, kind, segment) => {
      if (fragment.init) ticks = timescale(fragment.init) || ticks
      const first = decodeTime(fragment.data)
      if (ticks === 0 || first === undefined) return
      const time = first / ticks
      if (!begun && kind === 'video') this.#video = { time, segment }
      // Tracks of different segments were never in one file: nothing is known of
      // how they belong together.
      const video = this.#video
      if (!begun && kind === 'audio' && video && video.segment === segment) move = time - video.time
      begun = true
      if (kind === 'audio') shift(fragment.data, Math.round(move * ticks))
    }
  }
}
