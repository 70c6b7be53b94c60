// A second opinion on files: MediaInfo, and mp4box.js for its family of
// containers, read one file of each kind and must find what was asked for.
//
//   SPOOL_BINARY   another program than bin/spool
//   SPOOL_KEEP     a folder for what was made, which is then left there
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createFile, MP4BoxBuffer } from 'mp4box'
import { files, settings } from './files.mjs'
import { command, convert, makeClip } from './media.mjs'

const seconds = 2
const work = process.env.SPOOL_KEEP ?? (await mkdtemp(join(tmpdir(), 'spool-files-')))
const at = (name) => join(work, 'files', 'out', 'files', name)

after(() => process.env.SPOOL_KEEP || rm(work, { recursive: true, force: true }))

const input = await makeClip(join(work, 'short'), seconds)
const result = await convert(join(work, 'files'), input, settings)
assert.equal(result.status, 'COMPLETE')
assert.deepEqual(result.warnings, [], 'every setting of the job is honoured')
const { stdout } = await command('mediainfo', ['--ParseSpeed=1', '--Output=JSON', ...files.map(({ name }) => at(name))])
const seen = new Map([JSON.parse(stdout)].flat().map(({ media }) => [media['@ref'], media.track]))

/** Says where a track is not as expected; numbers may be 5 % off. */
function differences(what, track, expected) {
  if (!track) return [`there is no ${what} track`]
  return Object.entries(expected)
    .filter(([, want]) => want !== undefined)
    .map(([key, want]) => {
      const got = track[key]
      if (typeof want === 'number') return Math.abs(Number(got) - want) <= 0.05 * want ? '' : `${what} ${key} is ${got}, not ${want}`
      return want.split('|').includes(got) ? '' : `${what} ${key} is ${got}, not ${want}`
    })
    .filter(Boolean)
}

const near = (what, value, want, by) => (Math.abs(Number(value) - want) <= by ? [] : [`${what} is ${value}, not ${want}`])

/** What mp4box.js reads of a file. */
async function boxes(path) {
  const file = createFile()
  const info = new Promise((resolve, reject) => {
    file.onReady = resolve
    file.onError = (_, words) => reject(new Error(words))
  })
  const data = await readFile(path)
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(data).buffer, 0))
  file.flush()
  return info
}

describe('files', () => {
  for (const { name, expect, codecs } of files) {
    // Of transport streams MediaInfo counts up to the beginning of the last frame.
    test(`MediaInfo: ${name}`, () => {
      const tracks = seen.get(at(name))
      assert.ok(tracks, 'MediaInfo reads it')
      const of = (type) => tracks.filter((track) => track['@type'] === type)
      const [general] = of('General')
      const [picture] = of('Video')
      const wrong = [...differences('general', general, expect.general), ...near('the duration', general.Duration, seconds, general.Format === 'MPEG-TS' ? 0.1 : 0.06)]
      if (expect.video) {
        wrong.push(...differences('video', picture, expect.video))
        // VP8 has pictures that are never shown in packets of their own; WebM gives no number.
        if (picture?.Format !== 'VP8' && picture?.FrameCount) wrong.push(...near('the number of frames', picture.FrameCount, seconds * Number(expect.video.FrameRate), 0.51))
      } else if (picture) wrong.push('there is a picture')
      assert.equal(of('Audio').length, expect.audio.length, 'the number of sound tracks')
      expect.audio.forEach((one, i) => wrong.push(...differences('audio', of('Audio')[i], one)))
      assert.deepEqual(wrong, [])
    })
    if (codecs) {
      test(`mp4box.js: ${name}`, async () => {
        const info = await boxes(at(name))
        assert.equal(info.tracks.length, codecs.length)
        for (const [i, codec] of codecs.entries()) assert.match(info.tracks[i].codec, codec instanceof RegExp ? codec : new RegExp(`^${codec.replaceAll('.', '\\.')}$`))
        const [picture] = info.videoTracks
        if (expect.video) {
          assert.deepEqual([picture.video.width, picture.video.height], [Number(expect.video.Width), Number(expect.video.Height)])
          assert.equal(picture.nb_samples, Math.round(seconds * Number(expect.video.FrameRate)))
        }
        for (const [i, track] of info.audioTracks.entries()) {
          // The number of channels in the sample entry is 2 whatever the codec says.
          assert.equal(track.audio.sample_rate, Number(expect.audio[i].SamplingRate))
        }
        assert.equal(info.isFragmented, false)
        for (const { movie_duration: length, movie_timescale: scale } of info.tracks) assert.ok(Math.abs(length / scale - seconds) < 0.06, `a track lasts ${length / scale} s`)
      })
    }
  }
})
