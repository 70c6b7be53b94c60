// What is made, and which player plays it: one job makes all of it in one go.
import { clip } from './page/clip.mjs'

const sizes = [
  [160, 90, 300_000],
  [clip.width, clip.height, 800_000],
]
const both = sizes.map(([w, h]) => [w, h])

const names = { shaka: 'Shaka Player', hls: 'hls.js', dash: 'dash.js' }

export const english = 'English'
export const french = 'French'

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
  LanguageCode: source === french ? 'FRA' : 'ENG',
  LanguageCodeControl: 'USE_CONFIGURED',
  StreamName: source,
  CodecSettings: { Codec: 'AAC', AacSettings: { Bitrate: 96_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 } },
})

const pictures = (container, settings) =>
  sizes.map((size) => ({
    NameModifier: `_${size[1]}`,
    ContainerSettings: { Container: container },
    VideoDescription: picture(size),
    ...settings,
  }))

/** A sound output for each source; settings are told whether it is the first. */
const sounds = (container, settings = () => ({})) =>
  [english, french].map((source, i) => ({
    NameModifier: `_${source.toLowerCase()}`,
    ContainerSettings: { Container: container },
    AudioDescriptions: [sound(source)],
    ...settings(i === 0),
  }))

/** What is to be read in the player, and where it comes from: see media.mjs. */
export const lines = [
  { from: 1, to: 2, en: 'The first words', fr: 'Les premiers mots' },
  { from: 2.5, to: 4.52, en: 'over a join of segments', fr: 'à travers une jointure' },
  { from: 5.24, to: 6.76, en: 'the last ones', fr: 'les derniers' },
]
const captions = (DestinationType, container, settings = {}) =>
  [english, french].map((source) => ({
    NameModifier: `_text_${source.toLowerCase()}`,
    ContainerSettings: { Container: container, ...settings },
    CaptionDescriptions: [
      {
        CaptionSelectorName: `${source} text`,
        LanguageCode: source === french ? 'FRA' : 'ENG',
        LanguageDescription: source,
        DestinationSettings: { DestinationType },
      },
    ],
  }))

const hls = (name, group, outputs) => ({
  OutputGroupSettings: {
    Type: 'HLS_GROUP_SETTINGS',
    HlsGroupSettings: { Destination: `s3://out/${name}/m`, SegmentLength: 2, MinSegmentLength: 0, ...group },
  },
  Outputs: outputs,
})

const muxed = () => pictures('M3U8', { AudioDescriptions: [sound(english)] })

const renditions = () => [
  ...pictures('M3U8', { OutputSettings: { HlsSettings: { AudioRenditionSets: 'program_audio' } } }),
  ...sounds('M3U8', (first) => ({
    OutputSettings: {
      HlsSettings: {
        AudioGroupId: 'program_audio',
        AudioTrackType: first ? 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT' : 'ALTERNATE_AUDIO_AUTO_SELECT',
      },
    },
  })),
]

const fragmented = { SegmentLength: 2, FragmentLength: 2 }

const cmaf = (name, group = {}, more = []) => ({
  OutputGroupSettings: {
    Type: 'CMAF_GROUP_SETTINGS',
    CmafGroupSettings: { Destination: `s3://out/${name}/m`, ...fragmented, ...group },
  },
  Outputs: [
    ...pictures('CMFC', { ContainerSettings: { Container: 'CMFC', CmfcSettings: { AudioRenditionSets: 'sound' } } }),
    ...sounds('CMFC', () => ({ ContainerSettings: { Container: 'CMFC', CmfcSettings: { AudioGroupId: 'sound' } } })),
    ...more,
  ],
})

const dash = (name, group = {}, more = []) => ({
  OutputGroupSettings: {
    Type: 'DASH_ISO_GROUP_SETTINGS',
    DashIsoGroupSettings: { Destination: `s3://out/${name}/m`, ...fragmented, ...group },
  },
  Outputs: [...pictures('MPD'), ...sounds('MPD'), ...more],
})

/** The key of the encrypted groups, and where players find it. */
export const key = '0123456789abcdeffedcba9876543210'
const iv = '00112233445566778899aabbccddeeff'
const keyProvider = (url) => ({ StaticKeyProvider: { StaticKeyValue: key, Url: url, KeyFormat: 'identity' }, Type: 'STATIC_KEY' })

/**
 * All kinds; keyURL is where the key of the encrypted ones can be fetched.
 *
 * late: the players show transport streams late by the reordering of the
 * pictures, since they begin the time line at the first decoding time; sound and
 * picture are late together.
 * secret: a browser shows the pictures, and lets no page read them.
 * texts: so do captions.
 * languages: sound comes in English and French; players take turns to choose one.
 */
export const kindsOf = (keyURL) => [
  {
    name: 'HLS, transport streams with sound in them',
    // with all that may stand beside the streams: key frames, images and timed metadata
    group: hls(
      'ts',
      { ImageBasedTrickPlay: 'THUMBNAIL_AND_FULLFRAME', TimedMetadataId3Frame: 'PRIV', TimedMetadataId3Period: 2 },
      pictures('M3U8', {
        ContainerSettings: { Container: 'M3U8', M3u8Settings: { TimedMetadata: 'PASSTHROUGH' } },
        OutputSettings: { HlsSettings: { IFrameOnlyManifest: 'INCLUDE' } },
        AudioDescriptions: [sound(english)],
      }),
    ),
    manifests: [
      { url: 'ts/m.m3u8', players: ['shaka'], thumbnails: true },
      { url: 'ts/m.m3u8', players: ['hls'] },
    ],
    late: 3,
    pitch: clip.english,
  },
  {
    name: 'HLS, single files',
    group: hls('ts-single', { SegmentControl: 'SINGLE_FILE' }, muxed()),
    manifests: [{ url: 'ts-single/m.m3u8', players: ['shaka', 'hls'] }],
    late: 3,
    pitch: clip.english,
  },
  {
    name: 'HLS, sound and WebVTT as renditions',
    group: hls('ts-audio', { CaptionSegmentLengthControl: 'MATCH_VIDEO' }, [...renditions(), ...captions('WEBVTT', 'M3U8')]),
    manifests: [{ url: 'ts-audio/m.m3u8', players: ['shaka', 'hls'] }],
    late: 3,
    languages: true,
    texts: true,
  },
  {
    name: 'HLS, AES-128',
    group: hls('ts-aes', { Encryption: { EncryptionMethod: 'AES128', ...keyProvider(keyURL) } }, muxed()),
    manifests: [{ url: 'ts-aes/m.m3u8', players: ['shaka', 'hls'] }],
    late: 3,
    pitch: clip.english,
  },
  {
    name: 'HLS, SAMPLE-AES',
    group: hls('ts-sample', { Encryption: { EncryptionMethod: 'SAMPLE_AES', InitializationVectorInManifest: 'INCLUDE', ConstantInitializationVector: iv, ...keyProvider(keyURL) } }, muxed()),
    manifests: [{ url: 'ts-sample/m.m3u8', players: ['hls'] }],
    late: 3,
    pitch: clip.english,
  },
  {
    name: 'CMAF, WebVTT',
    group: cmaf('cmaf', {}, captions('WEBVTT', 'CMFC')),
    texts: true,
    manifests: [
      { url: 'cmaf/m.m3u8', players: ['shaka', 'hls'] },
      { url: 'cmaf/m.mpd', players: ['shaka', 'dash'] },
    ],
    languages: true,
  },
  {
    name: 'CMAF, cbcs',
    secret: true,
    group: cmaf('cbcs', { Encryption: { EncryptionMethod: 'SAMPLE_AES', ...keyProvider(keyURL) } }),
    manifests: [
      { url: 'cbcs/m.m3u8', players: ['shaka'] },
      { url: 'cbcs/m.mpd', players: ['shaka', 'dash'], options: { key } },
    ],
    languages: true,
  },
  {
    name: 'CMAF, cenc',
    secret: true,
    group: cmaf('cenc', { Encryption: { EncryptionMethod: 'AES_CTR', ...keyProvider(keyURL) } }),
    manifests: [
      { url: 'cenc/m.m3u8', players: ['shaka'] },
      { url: 'cenc/m.mpd', players: ['dash'], options: { key } },
    ],
    languages: true,
  },
  {
    name: 'CMAF, single files',
    group: cmaf('cmaf-single', { SegmentControl: 'SINGLE_FILE' }),
    manifests: [
      { url: 'cmaf-single/m.m3u8', players: ['hls'] },
      { url: 'cmaf-single/m.mpd', players: ['shaka'] },
    ],
    languages: true,
  },
  {
    name: 'DASH, a timeline, WebVTT',
    group: dash('dash-timeline', { WriteSegmentTimelineInRepresentation: 'ENABLED' }, captions('WEBVTT', 'MPD')),
    texts: true,
    manifests: [{ url: 'dash-timeline/m.mpd', players: ['shaka', 'dash'] }],
    languages: true,
  },
  {
    name: 'DASH, numbers and a duration, TTML in fragments',
    group: dash(
      'dash-number',
      { WriteSegmentTimelineInRepresentation: 'DISABLED' },
      captions('TTML', 'MPD', { MpdSettings: { CaptionContainerType: 'FRAGMENTED_MP4' } }),
    ),
    texts: true,
    manifests: [{ url: 'dash-number/m.mpd', players: ['shaka', 'dash'] }],
    languages: true,
  },
  {
    name: 'DASH, on demand',
    group: dash('dash-single', { SegmentControl: 'SINGLE_FILE', MpdProfile: 'ON_DEMAND_PROFILE' }),
    manifests: [{ url: 'dash-single/m.mpd', players: ['shaka', 'dash'] }],
    languages: true,
  },
  {
    name: 'CMAF, IMSC',
    group: cmaf('imsc', {}, captions('IMSC', 'CMFC')),
    manifests: [
      { url: 'imsc/m.m3u8', players: ['shaka'] },
      { url: 'imsc/m.mpd', players: ['dash'] },
    ],
    languages: true,
    texts: true,
  },
].map((kind) => ({ rungs: both, ...kind }))

/** One order for each player of each manifest, as { title, kind, order }. */
export function ordersOf(kinds) {
  let turn = 0
  return kinds.flatMap((kind) =>
    kind.manifests.flatMap(({ url, players, ...more }) =>
      players.map((player) => {
        const mine = { ...kind, ...more }
        const order = { player, url: `/out/${url}`, options: { ...mine.options }, secret: Boolean(mine.secret), thumbnails: Boolean(mine.thumbnails) }
        if (mine.texts) order.text = turn % 2 ? 'fr' : 'en'
        mine.text = order.text
        if (mine.languages) {
          const french = turn++ % 2 === 1
          order.options.language = french ? 'fr' : 'en'
          mine.pitch = french ? clip.french : clip.english
        }
        return { title: `${names[player]}: ${mine.name} (${url})`, kind: mine, order }
      }),
    ),
  )
}

/** What the server delivers: a group of every kind; Smooth Streaming is the one that is judged. */
export const serverKind = {
  group: [
    hls('hls', {}, muxed()),
    cmaf('cmaf'),
    dash('dash'),
    {
      OutputGroupSettings: {
        Type: 'MS_SMOOTH_GROUP_SETTINGS',
        MsSmoothGroupSettings: { Destination: 's3://media/smooth/m', FragmentLength: 2 },
      },
      Outputs: [...pictures('ISMV'), ...sounds('ISMV')],
    },
  ],
  rungs: both,
  pitch: clip.french,
}

/** The settings of the job that makes some kinds. */
export const settingsOf = (kinds) => ({
  Inputs: [
    {
      FileInput: 's3://in/clip.mp4',
      TimecodeSource: 'ZEROBASED',
      AudioSelectors: {
        [english]: { DefaultSelection: 'DEFAULT', SelectorType: 'TRACK', Tracks: [1] },
        [french]: { SelectorType: 'TRACK', Tracks: [2] },
      },
      CaptionSelectors: {
        [`${english} text`]: { SourceSettings: { SourceType: 'SRT', FileSourceSettings: { SourceFile: 's3://in/english.srt' } } },
        [`${french} text`]: { SourceSettings: { SourceType: 'WEBVTT', FileSourceSettings: { SourceFile: 's3://in/french.vtt' } } },
      },
    },
  ],
  OutputGroups: kinds.flatMap((kind) => kind.group),
})
