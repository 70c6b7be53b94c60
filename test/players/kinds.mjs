// What is made, and which player plays it: one job makes all of it in one go.
import { clip } from './page/clip.mjs'

const sizes = [
  [160, 90, 300_000],
  [clip.width, clip.height, 800_000],
]
const both = sizes.map(([w, h]) => [w, h])

const picture = ([Width, Height, MaxBitrate]) => ({
  Width,
  Height,
  CodecSettings: {
    Codec: 'H_264',
    H264Settings: {
      RateControlMode: 'QVBR',
      MaxBitrate,
      GopSize: 2,
      GopSizeUnits: 'SECONDS',
      SceneChangeDetect: 'DISABLED',
      QualityTuningLevel: 'SINGLE_PASS',
    },
  },
})

const sound = (source) => ({
  AudioSourceName: source,
  CodecSettings: { Codec: 'AAC', AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 } },
})

const english = 'English'

/** One group of type HLS with an output for each size, and more outputs. */
function hls(name, { group = {}, muxed = true, more = [] } = {}) {
  return {
    OutputGroupSettings: {
      Type: 'HLS_GROUP_SETTINGS',
      HlsGroupSettings: { Destination: `s3://out/${name}/m`, SegmentLength: 2, MinSegmentLength: 0, ...group },
    },
    Outputs: [
      ...sizes.map((size) => ({
        NameModifier: `_${size[1]}`,
        ContainerSettings: { Container: 'M3U8', M3u8Settings: {} },
        VideoDescription: picture(size),
        ...(muxed ? { AudioDescriptions: [sound(english)] } : {}),
      })),
      ...more,
    ],
  }
}

/**
 * late: the players show transport streams late by the reordering of the
 * pictures, since they begin the time line at the first decoding time; sound and
 * picture are late together.
 */
export const kinds = [
  {
    name: 'HLS, transport streams with sound in them',
    group: hls('ts'),
    manifests: [{ url: 'ts/m.m3u8', players: ['shaka', 'hls'] }],
    rungs: both,
    late: 3,
    pitch: clip.english,
  },
]

/** The settings of the job that makes all kinds. */
export const settings = {
  Inputs: [
    {
      FileInput: 's3://in/clip.mp4',
      TimecodeSource: 'ZEROBASED',
      AudioSelectors: {
        [english]: { DefaultSelection: 'DEFAULT', SelectorType: 'TRACK', Tracks: [1] },
      },
    },
  ],
  OutputGroups: kinds.map((kind) => kind.group),
}
