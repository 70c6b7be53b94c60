// Says whether what a player reported is what a viewer should have seen.
import assert from 'node:assert/strict'
import { lines } from './kinds.mjs'
import { clip } from './page/clip.mjs'

const close = (a, b, by) => Math.abs(a - b) <= by

const median = (numbers) => [...numbers].sort((a, b) => a - b)[(numbers.length - 1) >> 1]

/** All pictures are of their time; a transport stream may be late as a whole, by at most `late` frames. */
function pictures({ goes, seeks }, late) {
  const frames = goes.flatMap((go) => go.frames)
  const unread = frames.filter(([, number]) => number < 0)
  assert.deepEqual(unread, [], 'every picture can be read')
  const offs = (some) => some.map(([time, number]) => number - Math.round(time * clip.fps))
  const usual = median(offs(frames))
  assert.ok(usual <= 0 && usual >= -late, `pictures are ${usual} frames off`)
  // On a busy machine what is drawn may be newer than what was announced, but in
  // no second that is the rule.
  const wrong = frames.filter((frame) => offs([frame])[0] < usual || offs([frame])[0] > usual + 8)
  assert.deepEqual(wrong, [], `pictures [time, frame, width] that are not ${usual} frames off`)
  // A busy machine draws fewer than there are, but some of each second.
  for (let second = 0; second < clip.seconds; second++) {
    const mine = frames.filter(([, number]) => Math.floor(number / clip.fps) === second)
    assert.ok(mine.length > 0, `no picture of second ${second} was shown`)
    assert.equal(median(offs(mine)), usual, `pictures of second ${second} [time, frame, width]: ${JSON.stringify(mine)}`)
  }
  for (const { to, frame } of seeks) assert.equal(frame - Math.floor(to * clip.fps), usual, `after a seek to ${to} s frame ${frame} is shown`)
  return usual
}

/** The same of photographs [from, number, to, width], which are taken some time between from and to. */
function photographs({ goes, seeks }) {
  const photos = goes.flatMap((go) => go.photos)
  const wrong = photos.filter(([from, number, to]) => number < Math.floor((from - 0.1) * clip.fps) || number > Math.ceil((to + 0.1) * clip.fps))
  assert.deepEqual(wrong, [], 'photographs [from, number, to, width] that show another picture')
  // A photograph takes a busy machine longer than a second: one in four may be missed.
  const seen = new Set(photos.map(([, number]) => Math.floor(number / clip.fps)))
  assert.ok(seen.size >= 0.75 * clip.seconds, `only the seconds ${[...seen]} were seen`)
  for (const { to, frame } of seeks) assert.equal(frame, Math.floor(to * clip.fps), `after a seek to ${to} s frame ${frame} is shown`)
}

/** Each second has its own pitch: in one go, since a busy machine makes gaps. */
function sound({ goes }, pitch, late) {
  const good = new Set()
  const bad = new Map()
  for (const { sounds } of goes) {
    const heard = new Map()
    for (const [time, hertz, level] of sounds) {
      const at = time - late / clip.fps
      // The ear hears what was played a moment ago.
      const part = at % 1
      if (part < 0.35 || part > 0.95 || at > clip.seconds - 0.2) continue
      heard.set(Math.floor(at), [...(heard.get(Math.floor(at)) ?? []), [hertz, level]])
    }
    for (const [second, all] of heard) {
      const right = all.filter(([hertz, level]) => level > -50 && close(hertz, pitch(second), 30))
      if (right.length >= 0.8 * all.length) good.add(second)
      else bad.set(second, all)
    }
  }
  for (let second = 0; second < clip.seconds; second++) {
    assert.ok(good.has(second), `second ${second} sounds wrong; ${pitch(second)} Hz is due: [Hz, dB] ${JSON.stringify(bad.get(second) ?? [])}`)
  }
}

/** The words of each line, at its time within 40 ms; a segment's join may cut a line in two. */
function texts({ cues }, language, late) {
  const joined = []
  for (const [start, end, text] of [...cues].sort((a, b) => a[0] - b[0])) {
    const words = text.replace(/<[^>]*>/g, '').trim()
    const before = joined.find((one) => one[2] === words && start <= one[1] + 0.001)
    if (before) before[1] = Math.max(before[1], end)
    else joined.push([start, end, words])
  }
  const right = lines.every((line, i) => joined[i]?.[2] === line[language] && close(joined[i][0] - late, line.from, 0.04) && close(joined[i][1] - late, line.to, 0.04))
  assert.ok(right && joined.length === lines.length, `the captions are ${JSON.stringify(cues)}`)
}

/** Where playing stopped in every go, in seconds. */
const stops = ([first, ...others]) => first.waits.filter((at) => others.every((go) => go.waits.some((again) => close(at, again, 0.3))))

/**
 * @param {object} report of page/session.mjs
 * @param {object} kind of kinds.mjs
 */
export function judge(report, kind) {
  const late = kind.late ?? 0
  assert.deepEqual(report.failures, [], 'the player complained')
  assert.ok(close(report.duration, clip.seconds, late ? 0.1 : 0.05), `the duration is ${report.duration} s`)
  assert.deepEqual(report.rungs, kind.rungs, 'the renditions')
  assert.equal(report.buffered.length, 1, `what is buffered has gaps: ${JSON.stringify(report.buffered)}`)
  const [[start, end]] = report.buffered
  assert.ok(start <= (late + 0.1) / clip.fps && close(end, clip.seconds, 0.1), `buffered is ${start} to ${end} s`)
  assert.deepEqual(stops(report.goes), [], 'where playing stopped on the way, in seconds')
  for (const { time } of report.goes) assert.ok(close(time, clip.seconds, 0.1), `playing ended at ${time} s`)
  const off = kind.secret ? 0 : pictures(report, late)
  if (kind.secret) photographs(report)
  if (kind.rungs.length > 1) {
    const widths = new Set(report.goes[0].frames.concat(report.goes[0].photos).map((one) => one.at(-1)))
    for (const rung of [kind.rungs[0], kind.rungs.at(-1)]) assert.ok(widths.has(rung[0]), `the widths of the pictures are ${[...widths]}`)
  }
  if (kind.thumbnails) {
    for (const { at, frame, from, to } of report.thumbnails) {
      assert.ok(frame >= 0 && at >= from && at < to && frame / clip.fps >= from - 0.05 && frame / clip.fps < to, `the thumbnail of ${at} s, for ${from} to ${to} s, shows frame ${frame}`)
    }
  }
  if (kind.text) texts(report, kind.text, -off / clip.fps)
  if (kind.pitch) sound(report, kind.pitch, -off)
  return `${report.goes[0].frames.length + report.goes[0].photos.length} pictures, ${off} frames off${report.goes.length > 1 ? `, ${report.goes.length} goes` : ''}`
}
