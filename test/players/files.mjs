// Files of every kind that an output can be, each with what a reader made by
// others should find in it. Only what was asked for is written down here, in the
// words of MediaInfo.

const english = 'English'
const rate = (n, d = 1) => ({ FramerateControl: 'SPECIFIED', FramerateNumerator: n, FramerateDenominator: d, FramerateConversionAlgorithm: 'DUPLICATE_DROP' })

const video = (Codec, key, settings, [Width, Height] = [320, 180]) => ({ Width, Height, CodecSettings: { Codec, [key]: settings } })
const audio = (Codec, key, settings) => ({ AudioSourceName: english, CodecSettings: { Codec, [key]: settings } })

const aac = (CodingMode = 'CODING_MODE_2_0', Bitrate = 96_000, SampleRate = 48_000) =>
  audio('AAC', 'AacSettings', { CodecProfile: 'LC', RateControlMode: 'CBR', CodingMode, Bitrate, SampleRate })
const h264 = (settings = {}, size = undefined) =>
  video('H_264', 'H264Settings', { RateControlMode: 'VBR', Bitrate: 400_000, QualityTuningLevel: 'SINGLE_PASS', ...settings }, size)
const h265 = (settings) => video('H_265', 'H265Settings', { RateControlMode: 'VBR', Bitrate: 300_000, QualityTuningLevel: 'SINGLE_PASS', ...settings })
const mpeg2 = (settings, size) => video('MPEG2', 'Mpeg2Settings', { RateControlMode: 'CBR', Bitrate: 4_000_000, QualityTuningLevel: 'SINGLE_PASS', ...settings }, size)
const prores = (CodecProfile, settings = {}) => video('PRORES', 'ProresSettings', { CodecProfile, ...settings })

/** What MediaInfo says of a stereo track at 48 kHz. */
const stereo = (Format, more = {}) => ({ Format, Channels: '2', SamplingRate: '48000', ...more })
const picture = (Format, more = {}) => ({ Format, Width: '320', Height: '180', FrameRate: '30.000', BitDepth: '8', ChromaSubsampling: '4:2:0', ScanType: 'Progressive', ...more })

/**
 * name: of the file, with its extension; video, audio: of the output; expect:
 * MediaInfo's words for the whole and for the tracks; codecs: of mp4box, where
 * the file is one of its family.
 */
export const files = [
  {
    name: 'high.mp4',
    container: 'MP4',
    video: h264({ CodecProfile: 'HIGH', CodecLevel: 'LEVEL_3_1', NumberBFramesBetweenReferenceFrames: 2 }),
    audio: [aac()],
    expect: { general: { Format: 'MPEG-4', IsStreamable: 'Yes' }, video: picture('AVC', { Format_Profile: 'High', Format_Level: '3.1' }), audio: [stereo('AAC', { BitRate: 96_000 })] },
    codecs: ['avc1.64001f', 'mp4a.40.2'],
  },
  {
    name: 'baseline.mp4',
    container: 'MP4',
    video: h264({ CodecProfile: 'BASELINE', EntropyEncoding: 'CAVLC', NumberBFramesBetweenReferenceFrames: 0, CodecLevel: 'LEVEL_3', ...rate(25) }, [160, 90]),
    audio: [aac('CODING_MODE_1_0', 64_000, 44_100)],
    expect: {
      general: { Format: 'MPEG-4' },
      video: picture('AVC', { Format_Profile: 'Baseline|Constrained Baseline', Format_Level: '3', Width: '160', Height: '90', FrameRate: '25.000' }),
      audio: [{ Format: 'AAC', Channels: '1', SamplingRate: '44100', BitRate: 64_000 }],
    },
    codecs: ['avc1.42c01e', 'mp4a.40.2'],
  },
  {
    name: 'main.mov',
    container: 'MOV',
    video: h264({ CodecProfile: 'MAIN', ...rate(30000, 1001) }),
    audio: [audio('WAV', 'WavSettings', { BitDepth: 24, Channels: 2, SampleRate: 48_000 })],
    expect: { general: { Format: 'MPEG-4', Format_Profile: 'QuickTime' }, video: picture('AVC', { Format_Profile: 'Main', FrameRate: '29.970' }), audio: [stereo('PCM', { BitDepth: '24' })] },
  },
  {
    name: 'interlaced.m2ts',
    container: 'M2TS',
    video: h264({ CodecProfile: 'HIGH', InterlaceMode: 'TOP_FIELD', FieldEncoding: 'MBAFF', ...rate(25) }),
    audio: [audio('AC3', 'Ac3Settings', { Bitrate: 192_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 })],
    expect: { general: { Format: 'MPEG-TS' }, video: picture('AVC', { FrameRate: '25.000', ScanType: 'MBAFF|Interlaced', ScanOrder: 'TFF' }), audio: [stereo('AC-3', { BitRate: 192_000 })] },
  },
  {
    name: 'hevc.mp4',
    container: 'MP4',
    video: h265({ CodecProfile: 'MAIN_MAIN', CodecLevel: 'LEVEL_3', WriteMp4PackagingType: 'HVC1' }),
    audio: [audio('EAC3', 'Eac3Settings', { Bitrate: 192_000, CodingMode: 'CODING_MODE_2_0', SampleRate: 48_000 })],
    expect: { general: { Format: 'MPEG-4' }, video: picture('HEVC', { Format_Profile: 'Main', Format_Level: '3', Format_Tier: 'Main', CodecID: 'hvc1' }), audio: [stereo('E-AC-3', { BitRate: 192_000 })] },
    codecs: [/^hvc1\.1\.6\.L90\./, 'ec-3'],
  },
  {
    name: 'hevc10.mp4',
    container: 'MP4',
    video: h265({ CodecProfile: 'MAIN10_MAIN', CodecLevel: 'LEVEL_3_1' }),
    audio: [],
    expect: { general: { Format: 'MPEG-4' }, video: picture('HEVC', { Format_Profile: 'Main 10', Format_Level: '3.1', BitDepth: '10' }), audio: [] },
    codecs: [/^hev1\.2\.4\.L93\./],
  },
  {
    name: 'av1.mp4',
    container: 'MP4',
    video: video('AV1', 'Av1Settings', { RateControlMode: 'QVBR', MaxBitrate: 500_000, QvbrSettings: { QvbrQualityLevel: 6 }, GopSize: 60 }),
    audio: [aac()],
    expect: { general: { Format: 'MPEG-4' }, video: picture('AV1', { Format_Profile: 'Main', ScanType: undefined }), audio: [stereo('AAC')] },
    codecs: [/^av01\.0\.0\dM\.08/, 'mp4a.40.2'],
  },
  {
    name: 'vp9.webm',
    container: 'WEBM',
    video: video('VP9', 'Vp9Settings', { RateControlMode: 'VBR', Bitrate: 300_000, QualityTuningLevel: 'MULTI_PASS' }),
    audio: [audio('OPUS', 'OpusSettings', { Bitrate: 96_000, Channels: 2, SampleRate: 48_000 })],
    expect: { general: { Format: 'WebM' }, video: picture('VP9', { BitDepth: undefined, ChromaSubsampling: undefined, ScanType: undefined }), audio: [stereo('Opus')] },
  },
  {
    name: 'vp8.webm',
    container: 'WEBM',
    video: video('VP8', 'Vp8Settings', { RateControlMode: 'VBR', Bitrate: 300_000, QualityTuningLevel: 'MULTI_PASS' }),
    audio: [audio('VORBIS', 'VorbisSettings', { VbrQuality: 4, Channels: 2, SampleRate: 48_000 })],
    expect: { general: { Format: 'WebM' }, video: picture('VP8', { BitDepth: undefined, ChromaSubsampling: undefined, ScanType: undefined }), audio: [stereo('Vorbis')] },
  },
  {
    name: 'prores.mov',
    container: 'MOV',
    video: prores('APPLE_PRORES_422_HQ'),
    audio: [audio('WAV', 'WavSettings', { BitDepth: 16, Channels: 2, SampleRate: 48_000 })],
    expect: { general: { Format: 'MPEG-4' }, video: picture('ProRes', { Format_Profile: '422 HQ', ChromaSubsampling: '4:2:2', BitDepth: undefined, CodecID: 'apch' }), audio: [stereo('PCM', { BitDepth: '16' })] },
  },
  {
    name: 'mpeg2.mxf',
    container: 'MXF',
    video: mpeg2({ CodecProfile: 'PROFILE_422', CodecLevel: 'MAIN', InterlaceMode: 'TOP_FIELD', ...rate(25) }, [720, 576]),
    audio: [audio('WAV', 'WavSettings', { BitDepth: 24, Channels: 2, SampleRate: 48_000 })],
    expect: {
      general: { Format: 'MXF' },
      video: picture('MPEG Video', { Format_Version: '2', Format_Profile: '4:2:2', Format_Level: 'Main', Width: '720', Height: '576', FrameRate: '25.000', ChromaSubsampling: '4:2:2', ScanType: 'Interlaced', ScanOrder: 'TFF' }),
      audio: [stereo('PCM', { BitDepth: '24' })],
    },
  },
  {
    name: 'mpeg2.m2ts',
    container: 'M2TS',
    video: mpeg2({ CodecProfile: 'MAIN', Bitrate: 2_000_000, ...rate(24) }),
    audio: [audio('MP2', 'Mp2Settings', { Bitrate: 192_000, Channels: 2, SampleRate: 48_000 })],
    expect: {
      general: { Format: 'MPEG-TS' },
      video: picture('MPEG Video', { Format_Version: '2', Format_Profile: 'Main', FrameRate: '24.000' }),
      audio: [stereo('MPEG Audio', { Format_Profile: 'Layer 2', BitRate: 192_000 })],
    },
  },
  { name: 'sound.mp3', container: 'RAW', audio: [audio('MP3', 'Mp3Settings', { RateControlMode: 'CBR', Bitrate: 128_000, Channels: 2, SampleRate: 44_100 })], expect: { general: { Format: 'MPEG Audio' }, audio: [{ Format: 'MPEG Audio', Format_Profile: 'Layer 3', Channels: '2', SamplingRate: '44100', BitRate: 128_000 }] } },
  { name: 'sound.flac', container: 'RAW', audio: [audio('FLAC', 'FlacSettings', { BitDepth: 24, Channels: 2, SampleRate: 48_000 })], expect: { general: { Format: 'FLAC' }, audio: [stereo('FLAC', { BitDepth: '24' })] } },
  { name: 'sound.wav', container: 'RAW', audio: [audio('WAV', 'WavSettings', { BitDepth: 16, Channels: 1, SampleRate: 44_100, Format: 'RIFF' })], expect: { general: { Format: 'Wave' }, audio: [{ Format: 'PCM', Channels: '1', SamplingRate: '44100', BitDepth: '16' }] } },
  { name: 'sound.aiff', container: 'RAW', audio: [audio('AIFF', 'AiffSettings', { BitDepth: 16, Channels: 2, SampleRate: 48_000 })], expect: { general: { Format: 'AIFF' }, audio: [stereo('PCM', { BitDepth: '16' })] } },
  { name: 'sound.aac', container: 'RAW', audio: [aac()], expect: { general: { Format: 'ADTS' }, audio: [stereo('AAC')] } },
  { name: 'sound.ac3', container: 'RAW', audio: [audio('AC3', 'Ac3Settings', { Bitrate: 384_000, CodingMode: 'CODING_MODE_3_2_LFE', SampleRate: 48_000 })], expect: { general: { Format: 'AC-3' }, audio: [{ Format: 'AC-3', Channels: '6', SamplingRate: '48000', BitRate: 384_000 }] } },
  { name: 'sound.m4a', container: 'MP4', audio: [aac('CODING_MODE_2_0', 128_000, 44_100)], expect: { general: { Format: 'MPEG-4' }, audio: [{ Format: 'AAC', Channels: '2', SamplingRate: '44100', BitRate: 128_000 }] }, codecs: ['mp4a.40.2'] },
]

/** The settings of the job that makes them all below s3://out/files/. */
export const settings = {
  Inputs: [{ FileInput: 's3://in/clip.mp4', TimecodeSource: 'ZEROBASED', AudioSelectors: { [english]: { DefaultSelection: 'DEFAULT', SelectorType: 'TRACK', Tracks: [1] } } }],
  OutputGroups: files.map(({ name, container, video: VideoDescription, audio: AudioDescriptions }) => ({
    OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: { Destination: `s3://out/files/${name.split('.')[0]}` } },
    Outputs: [
      {
        Extension: name.split('.')[1],
        ContainerSettings: { Container: container },
        ...(VideoDescription ? { VideoDescription } : {}),
        ...(AudioDescriptions.length ? { AudioDescriptions } : {}),
      },
    ],
  })),
}
