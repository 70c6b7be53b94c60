// The three players behind one shape:
//
//   load(url, { keys, key, languages, smooth })  resolves when the manifest is read
//   rungs()           the renditions, smallest first: { width, height, choose() }; the first is played,
//                     and 3 s are loaded ahead, until something else is chosen
//   ahead(seconds)    how far to load ahead
//   languages()       of the sound; speak(language)
//   captions()        languages; caption(language) switches one on
//   thumbnail(time)   { uris, x, y, width, height, … } or undefined
//   destroy()
//
// Errors that end playing reach `failed`.

const script = (src) =>
  document.querySelector(`script[src="${src}"]`)
    ? undefined
    : new Promise((resolve, reject) => {
    const element = document.createElement('script')
    element.src = src
    element.onload = resolve
    element.onerror = () => reject(new Error(`${src} can't be loaded`))
    document.head.append(element)
  })

/** eng is en. */
const same = (a, b) => new Intl.Locale(a).language === new Intl.Locale(b).language

const bySize = (a, b) => a.width - b.width || a.bandwidth - b.bandwidth

async function shakaPlayer(video, failed) {
  await script('/modules/shaka-player/dist/shaka-player.compiled-es2021.js')
  const { shaka } = window
  shaka.polyfill.installAll()
  const player = new shaka.Player()
  player.addEventListener('error', ({ detail }) => failed(`shaka error ${detail.code} (category ${detail.category}): ${JSON.stringify(detail.data)}`))
  await player.attach(video)
  player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: 3 } })
  const variants = () => {
    const all = player.getVariantTracks()
    const { language, audioCodec } = all.find((t) => t.active)
    return all.filter((t) => t.language === language && t.audioCodec === audioCodec).sort(bySize)
  }
  return {
    async load(url, { clearKeys, language, mime }) {
      if (clearKeys) player.configure({ drm: { clearKeys } })
      if (language) player.configure({ preferredAudio: [{ language }] })
      try {
        await player.load(url, null, mime)
      } catch (e) {
        throw new Error(`shaka error ${e.code} (category ${e.category}): ${JSON.stringify(e.data)}`)
      }
      player.selectVariantTrack(variants()[0], true)
    },
    rungs: () => variants().map((t) => ({ width: t.width ?? 0, height: t.height ?? 0, choose: () => player.selectVariantTrack(t) })),
    ahead: (seconds) => player.configure({ streaming: { bufferingGoal: seconds } }),
    languages: () => [...new Set(player.getVariantTracks().map((t) => t.language))],
    speak(language) {
      player.selectAudioTrack(player.getAudioTracks().find((t) => t.language === language))
    },
    captions: () => player.getTextTracks().map((t) => t.language),
    caption: (language) => player.selectTextTrack(player.getTextTracks().find((t) => same(t.language, language))),
    async thumbnail(time) {
      const [track] = player.getImageTracks()
      if (!track) return undefined
      const { uris, positionX: x, positionY: y, width, height, startTime, duration } = await player.getThumbnails(track.id, time)
      return { uri: uris[0], x, y, width, height, startTime, duration }
    },
    destroy: () => player.destroy(),
  }
}

async function hlsPlayer(video, failed) {
  await script('/modules/hls.js/dist/hls.js')
  const { Hls } = window
  const settings = { maxBufferLength: 3, maxMaxBufferLength: 3, enableWorker: false, startLevel: 0, renderTextTracksNatively: true }
  let hls
  let levels = []
  return {
    load(url, { language }) {
      hls = new Hls({ ...settings, ...(language ? { audioPreference: { lang: language } } : {}) })
      return new Promise((resolve, reject) => {
        hls.on(Hls.Events.ERROR, (_, { fatal, type, details, error }) => {
          if (!fatal) return
          const words = `hls.js ${type} ${details}: ${error?.message}`
          reject(new Error(words))
          failed(words)
        })
        hls.on(Hls.Events.MANIFEST_PARSED, () => {
          levels = hls.levels.map((level, i) => ({ ...level, width: level.width, height: level.height, bandwidth: level.bitrate, i })).sort(bySize)
          resolve()
        })
        hls.loadSource(url)
        hls.attachMedia(video)
      })
    },
    rungs: () =>
      levels.map(({ width, height, i }) => ({
        width,
        height,
        choose: () => {
          hls.loadLevel = i
        },
      })),
    ahead(seconds) {
      hls.config.maxBufferLength = seconds
      hls.config.maxMaxBufferLength = seconds
    },
    languages: () => hls.audioTracks.map((t) => t.lang),
    speak(language) {
      hls.audioTrack = hls.audioTracks.find((t) => t.lang === language).id
    },
    captions: () => hls.subtitleTracks.map((t) => t.lang),
    caption(language) {
      hls.subtitleTrack = hls.subtitleTracks.findIndex((t) => same(t.lang, language))
      hls.subtitleDisplay = true
    },
    thumbnail: async () => undefined,
    destroy: () => hls?.destroy(),
  }
}

async function dashPlayer(video, failed) {
  await script('/modules/dashjs/dist/modern/umd/dash.all.debug.js')
  await script('/modules/dashjs/dist/modern/umd/dash.mss.debug.js')
  const { dashjs } = window
  const player = dashjs.MediaPlayer().create()
  // It keeps one segment less than it is told to.
  const { events } = dashjs.MediaPlayer
  player.initialize()
  player.setAutoPlay(false)
  player.updateSettings({
    debug: { logLevel: dashjs.Debug.LOG_LEVEL_ERROR },
    streaming: {
      abr: { autoSwitchBitrate: { video: false, audio: false }, initialBitrate: { video: 1 } },
      buffer: { bufferTimeDefault: 6, bufferTimeAtTopQuality: 6, bufferTimeAtTopQualityLongForm: 6, fastSwitchEnabled: false, initialBufferLevel: 1 },
      gaps: { jumpGaps: false },
    },
  })
  player.on(events.ERROR, ({ error }) => failed(`dash.js error ${error?.code}: ${error?.message}`))
  const of = (type) => player.getTracksFor(type)
  return {
    load(url, { clearKeys, language }) {
      if (clearKeys) {
        const plain = (hex) => btoa(hex.match(/../g).map((h) => String.fromCharCode(parseInt(h, 16))).join('')).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
        player.setProtectionData({
          'org.w3.clearkey': { clearkeys: Object.fromEntries(Object.entries(clearKeys).map(([id, key]) => [plain(id), plain(key)])) },
        })
      }
      if (language) player.setInitialMediaSettingsFor('audio', { lang: language })
      return new Promise((resolve, reject) => {
        player.on(events.ERROR, ({ error }) => reject(new Error(`dash.js error ${error?.code}: ${error?.message}`)))
        player.on(events.STREAM_INITIALIZED, () => {
          // Of Smooth Streaming it compares fra with fr, and finds nothing.
          const track = language && of('audio').find((t) => same(t.lang, language))
          if (track && !same(player.getCurrentTrackFor('audio').lang, language)) player.setCurrentTrack(track)
          resolve()
        })
        player.attachView(video)
        player.attachTTMLRenderingDiv(document.querySelector('#text'))
        player.attachSource(url)
      })
    },
    rungs: () =>
      player
        .getRepresentationsByType('video')
        .map(({ width, height, bandwidth, bitrateInKbit, id }) => ({
          width,
          height,
          bandwidth: bandwidth ?? bitrateInKbit,
          choose: () => player.setRepresentationForTypeById('video', id),
        }))
        .sort(bySize),
    ahead(seconds) {
      player.updateSettings({ streaming: { buffer: { bufferTimeDefault: seconds, bufferTimeAtTopQuality: seconds, bufferTimeAtTopQualityLongForm: seconds } } })
    },
    languages: () => of('audio').map((t) => t.lang),
    speak: (language) => player.setCurrentTrack(of('audio').find((t) => t.lang === language)),
    captions: () => of('text').map((t) => t.lang),
    caption(language) {
      player.enableText(true)
      player.setTextTrack(of('text').findIndex((t) => same(t.lang, language)))
    },
    thumbnail: (time) =>
      new Promise((resolve) => {
        player.provideThumbnail(time, (t) => resolve(t ? { uri: t.url, x: t.x, y: t.y, width: t.width, height: t.height } : undefined))
      }),
    destroy: () => player.destroy(),
  }
}

export const makers = { shaka: shakaPlayer, hls: hlsPlayer, dash: dashPlayer }
