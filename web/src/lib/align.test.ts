import { expect, it } from 'vitest'
import { Alignment, decodeTime, shift, timescale, type Fragment } from './align'

const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
const box = (type: string, ...parts: number[][]): number[] => {
  const body = parts.flat()
  return [...u32(body.length + 8), ...[...type].map((c) => c.charCodeAt(0)), ...body]
}
const init = (ticks: number): Uint8Array =>
  new Uint8Array([
    ...box('ftyp', u32(0)),
    ...box('moov', box('mvhd', u32(0)), box('trak', box('tkhd', u32(0)), box('mdia', box('mdhd', u32(0), u32(0), u32(0), u32(ticks))))),
  ])
const media = (ticks: number, version = 1): Uint8Array =>
  new Uint8Array([
    ...box('moof', box('mfhd', u32(0)), box('traf', box('tfhd', u32(0)), box('tfdt', u32(version << 24), ...(version ? [u32(0)] : []), u32(ticks)))),
    ...box('mdat', [1, 2, 3]),
  ])
const fragment = (scale: number, ticks: number): Fragment => ({ init: init(scale), data: media(ticks) })

it('reads and shifts times', () => {
  expect(timescale(init(48000))).toBe(48000)
  expect(timescale(new Uint8Array([0, 0, 0, 3, 1]))).toBe(0)
  expect(decodeTime(new Uint8Array(0))).toBeUndefined()
  for (const version of [0, 1]) {
    const data = media(1000, version)
    shift(data, 500)
    expect(decodeTime(data)).toBe(1500)
    shift(data, -2000)
    expect(decodeTime(data)).toBe(0)
  }
})

it('gives back what the player takes away from the sound', () => {
  const alignment = new Alignment()
  const video = alignment.track()
  const audio = alignment.track()
  video(fragment(90000, 126000), 'video', 'a.ts') // 1.4 s
  const first = fragment(48000, 72000) // 1.5 s
  audio(first, 'audio', 'a.ts')
  expect(decodeTime(first.data)).toBe(76800) // 1.6 s
  const second = { init: null, data: media(360000) }
  video({ init: null, data: media(700000) }, 'video', 'b.ts')
  audio(second, 'audio', 'b.ts')
  expect(decodeTime(second.data)).toBe(364800)
})

it('leaves tracks of separate files alone', () => {
  const alignment = new Alignment()
  alignment.track()(fragment(90000, 126000), 'video', 'v.ts')
  const sound = fragment(48000, 72000)
  alignment.track()(sound, 'audio', 'a.ts')
  expect(decodeTime(sound.data)).toBe(72000)
})
