import { describe, expect, it } from 'vitest'
import { problemText } from './api'
import { endpointOf, shellWord } from './cli'
import { ago, baseName, bitrate, bytes, duration, rate, urlName } from './format'
import { here, withAddressesHere } from './here'
import { readMediainfo } from './mediainfo'
import { mergeList } from './merge'
import { readRoute, videoHref } from './route'
import type { Video } from './types'
import { errorWords, statusWords, uploadErrorWords } from './words'

const video = (over: Partial<Video>): Video => ({
  guid: 'a',
  startTime: '2026-01-02T03:04:05Z',
  workflowStatus: 'Ingest',
  workflowName: 'vod',
  srcBucket: 'in',
  srcVideo: 'x/clip.mp4',
  srcSize: 1,
  percent: 0,
  ...over,
})

describe('format', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [4_139_823, '4.1 MB'],
    [123_456_789, '123 MB'],
    [5_368_709_120, '5.4 GB'],
  ])('writes %d bytes as %s', (n, want) => expect(bytes(n)).toBe(want))

  it.each([
    [400, '0.4 s'],
    [9960, '0:10'],
    [59_600, '1:00'],
    [61_000, '1:01'],
    [3_723_000, '1:02:03'],
  ])('writes %d ms as %s', (ms, want) => expect(duration(ms)).toBe(want))

  it('writes rates', () => {
    expect(rate(30000 / 1001)).toBe('29.97')
    expect(rate(25)).toBe('25')
    expect(bitrate(193_400)).toBe('193 kb/s')
    expect(bitrate(999_900)).toBe('1.0 Mb/s')
  })

  it('says how long ago', () => {
    const now = Date.parse('2026-01-02T04:04:05Z')
    expect(ago('2026-01-02T04:04:00Z', now)).toBe('just now')
    expect(ago('2026-01-02T04:05:00Z', now)).toBe('just now') // a clock that is ahead
    expect(ago('2026-01-02T04:03:00Z', now)).toBe('1 min ago')
    expect(ago('2026-01-02T01:04:05Z', now)).toBe('3 h ago')
    expect(ago('nonsense', now)).toBe('')
  })

  it('finds names', () => {
    expect(baseName('a/b/my cat (final)+1.mp4')).toBe('my cat (final)+1.mp4')
    expect(urlName('http://h/media/b/vid%C3%A9o%20d%E2%80%99%C3%A9t%C3%A9.mp4?x=/y')).toBe('vidéo d’été.mp4')
    expect(urlName('/media/b/100%.mp4')).toBe('100%.mp4')
  })
})

describe('words', () => {
  it('names the phases', () => {
    expect(statusWords(video({}))).toBe('Waiting for its turn')
    expect(statusWords(video({ workflowStatus: 'Encode', phase: 'PROBING' }))).toBe('Reading the file')
    expect(statusWords(video({ workflowStatus: 'Encode', phase: 'TRANSCODING' }))).toBe('Encoding')
    expect(statusWords(video({ workflowStatus: 'Encode', phase: 'UPLOADING' }))).toBe('Publishing')
    expect(statusWords(video({ workflowStatus: 'Complete' }))).toBe('Complete')
  })

  it('says why', () => {
    expect(errorWords(video({ workflowStatus: 'Error', errorMessage: 'Not a video.', errorCode: 1010 }))).toBe(
      'The file could not be opened as a video. Not a video. (code 1010)',
    )
    expect(errorWords(video({ workflowStatus: 'Error' }))).toMatch(/log of the server/)
    expect(errorWords(video({ errorMessage: 'old' }))).toBe('')
  })

  it('says why an upload failed', () => {
    expect(uploadErrorWords('Network error during S3 request')).toMatch(/connection to the storage/)
    expect(uploadErrorWords('S3 returned 403 – AccessDenied')).toMatch(/AccessDenied/)
    expect(uploadErrorWords('S3 returned 500')).toMatch(/HTTP 500/)
    expect(uploadErrorWords('No pipeline takes "a.txt".')).toBe('No pipeline takes "a.txt".')
    expect(uploadErrorWords('')).toBe('')
  })

  it('reads problem documents', () => {
    expect(problemText(400, '{"title":"Bad Request","detail":"No pipeline takes \\"a.txt\\"."}')).toBe('No pipeline takes "a.txt".')
    expect(problemText(422, '{"detail":"validation failed","errors":[{"message":"expected length >= 1"}]}')).toBe(
      'validation failed; expected length >= 1',
    )
    expect(problemText(502, '<html>')).toBe('The server answered 502.')
    expect(problemText(500, 'null')).toBe('The server answered 500.')
  })
})

describe('mediainfo', () => {
  it('reads tracks', () => {
    const info = readMediainfo(
      JSON.stringify({
        container: { format: 'mov,mp4,m4a,3gp,3g2,mj2', fileSize: 1, duration: 30_000, totalBitrate: 1_100_000 },
        video: [{ codec: 'AVC', profile: 'High', width: 854, height: 480, framerate: 24, bitrate: 906_000, bitDepth: 10 }],
        audio: [{ codec: 'aac', channels: 6, samplingRate: 44100, language: 'eng' }, {}],
        text: [{ codec: 'SRT', language: 'rus' }],
      }),
    )
    expect(info.durationMs).toBe(30_000)
    expect(info.facts.map((f) => f.value)).toEqual(['0:30', 'MP4 / QuickTime', '1.1 Mb/s'])
    expect(info.tracks).toEqual([
      { kind: 'Video', facts: ['AVC High', '854 × 480', '24 frames/s', '906 kb/s', '10 bit'] },
      { kind: 'Audio', facts: ['AAC', '5.1', '44.1 kHz', 'eng'] },
      { kind: 'Text', facts: ['SRT', 'rus'] },
    ])
  })

  it.each([undefined, '', 'nonsense', 'null', '[]', '{"container":7,"video":{"a":1},"audio":[null,3]}'])('bears %s', (text) =>
    expect(readMediainfo(text)).toEqual({ facts: [], tracks: [] }),
  )
})

describe('list', () => {
  const old = video({ guid: 'a', startTime: '2026-01-01T00:00:00Z' })
  const newer = video({ guid: 'b', startTime: '2026-01-02T00:00:00Z' })

  it('puts the newest first', () => {
    expect(mergeList([old], [newer], new Set()).map((v) => v.guid)).toEqual(['b', 'a'])
  })

  it('prefers an event to a list that was fetched before it', () => {
    const now = { ...old, percent: 50 }
    expect(mergeList([now], [old], new Set(['a']))[0]?.percent).toBe(50)
    expect(mergeList([old], [now], new Set())[0]?.percent).toBe(50)
  })

  it('orders times of different precision', () => {
    const half = video({ guid: 'c', startTime: '2026-01-02T00:00:00.5Z' })
    expect(mergeList([newer], [half], new Set()).map((v) => v.guid)).toEqual(['c', 'b'])
  })
})

describe('addresses', () => {
  it('reads what it writes', () => {
    expect(readRoute(videoHref('a/b c'))).toEqual({ view: 'video', guid: 'a/b c' })
    expect(readRoute('')).toEqual({ view: 'list' })
    expect(readRoute('#/')).toEqual({ view: 'list' })
    expect(readRoute('#/videos/%')).toEqual({ view: 'lost' })
    expect(readRoute('#/other')).toEqual({ view: 'lost' })
  })

  it('are taken as the page reaches them', () => {
    expect(here('http://127.0.0.1:8080/media/b/a%20b.m3u8?x=1', 'http://nas:8080')).toBe('http://nas:8080/media/b/a%20b.m3u8?x=1')
    expect(here('/media/b/k', 'http://nas:8080')).toBe('http://nas:8080/media/b/k')
    expect(here('https://cdn.example/media/b/k', 'http://nas:8080')).toBe('https://cdn.example/media/b/k')
    expect(withAddressesHere(video({ hlsUrl: 'http://[::1]:1/media/k' }), 'http://nas').hlsUrl).toBe('http://nas/media/k')
    expect(withAddressesHere(video({ mssUrl: 'http://[::1]:1/media/k.ism/Manifest' }), 'http://nas').mssUrl).toBe('http://nas/media/k.ism/Manifest')
    expect(withAddressesHere(video({}), 'http://nas')).toEqual(video({}))
  })

  it('finds the endpoint of a permit', () => {
    expect(endpointOf('http://127.0.0.1:9000/uploads/x/clip.mp4?X-Amz-Date=1', 'uploads')).toBe('http://127.0.0.1:9000')
    expect(endpointOf('https://h/s3/uploads/x?y', 'uploads')).toBe('https://h/s3')
  })

  it('quotes for the shell', () => {
    expect(shellWord('s3://uploads/in/')).toBe('s3://uploads/in/')
    expect(shellWord("it's a bucket")).toBe("'it'\\''s a bucket'")
  })
})
