import { Alignment, type Fragment } from './align'
import shaka from 'shaka-player/dist/shaka-player.compiled-es2021.js'

/** A height that the viewer may choose; 0 leaves the choice to the player. */
export type Height = number

/** One of several sounds or captions. */
export interface Choice {
  id: string
  name: string
}

export interface Playing {
  heights(): Height[]
  choose(height: Height): void
  /** The sounds to choose from, and the one that is heard. */
  languages(): Choice[]
  language(): string
  speak(id: string): void
  /** The captions to choose from, and those that are shown; '' is none. */
  captions(): Choice[]
  caption(): string
  show(id: string): void
  stop(): Promise<void>
}

/** What went wrong, in words (shaka.util.Error.Category). */
function words(e: unknown): string {
  const { category, code, data } = e as { category?: number; code?: number; data?: unknown[] }
  const status = code === 1001 ? ` (HTTP ${String(data?.[1] ?? '?')})` : ''
  const reasons: Record<number, string> = {
    1: `The stream could not be fetched${status}.`,
    3: 'The browser could not decode the stream.',
    4: 'The stream’s playlist could not be read, or this browser can’t play its codecs.',
    5: 'The stream could not be put together.',
  }
  const reason = reasons[category ?? 0] ?? (e instanceof Error ? e.message : 'The stream could not be played.')
  return code ? `${reason} [player ${code}]` : reason
}

/** Wraps Shaka's transmuxer for transport streams, so that sound and picture stay together. */
function alignTransportStreams(): void {
  const alignment = new Alignment()
  const { TransmuxerEngine, TsTransmuxer } = shaka.transmuxer
  for (const mime of ['video/mp2t', 'audio/mp2t']) {
    const make = (): shaka.extern.Transmuxer => {
      const inner = new TsTransmuxer(mime)
      const align = alignment.track()
      return {
        destroy: () => inner.destroy(),
        isSupported: (type, content) => inner.isSupported(type, content),
        convertCodecs: (content, type) => inner.convertCodecs(content, type) as string,
        getOriginalMimeType: () => mime,
        async transmux(data, stream, reference, duration, content) {
          const made = (await inner.transmux(data, stream, reference, duration, content)) as Uint8Array | Fragment
          if (!ArrayBuffer.isView(made)) align(made, content, reference?.getUris()[0])
          return made
        },
      }
    }
    TransmuxerEngine.registerTransmuxer(mime, make as unknown as shaka.extern.TransmuxerPlugin, TransmuxerEngine.PluginPriority.APPLICATION)
  }
}

/** A track in words: its own name, else that of its language. */
function nameOf(track: { label: string | null; language: string }): string {
  if (track.label) return track.label
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(track.language) ?? track.language
  } catch {
    return track.language // und, or no language at all
  }
}

const choiceOf = (track: { label: string | null; language: string }): Choice => ({ id: `${track.language} ${track.label ?? ''}`, name: nameOf(track) })

/**
 * Plays a stream in a video element. `tracks` is called when the renditions are
 * known, `failed` with words when playback can't go on.
 */
export async function play(
  element: HTMLVideoElement,
  url: string,
  on: { tracks: () => void; failed: (why: string) => void },
): Promise<Playing> {
  shaka.polyfill.installAll()
  if (!shaka.Player.isBrowserSupported()) throw new Error('This browser can’t play streams (it has no Media Source Extensions).')
  alignTransportStreams()
  const player = new shaka.Player()
  player.addEventListener('error', (event: Event) => on.failed(words((event as CustomEvent).detail)))
  player.addEventListener('trackschanged', on.tracks)
  const stop = async (): Promise<void> => {
    await player.destroy()
  }
  try {
    await player.attach(element)
    await player.load(url)
  } catch (e) {
    await stop()
    throw new Error(words(e), { cause: e })
  }
  return {
    stop,
    languages: () => player.getAudioTracks().map(choiceOf),
    language: () => player.getAudioTracks().filter((t) => t.active).map((t) => choiceOf(t).id)[0] ?? '',
    speak(id) {
      const track = player.getAudioTracks().find((t) => choiceOf(t).id === id)
      if (track) player.selectAudioTrack(track)
    },
    captions: () => player.getTextTracks().map(choiceOf),
    caption: () => player.getTextTracks().filter((t) => t.active).map((t) => choiceOf(t).id)[0] ?? '',
    show: (id) => player.selectTextTrack(player.getTextTracks().find((t) => choiceOf(t).id === id) ?? null),
    heights() {
      const all = player.getVariantTracks().map((t: { height: number | null }) => t.height ?? 0)
      return [...new Set(all)].filter((h) => h > 0).sort((a, b) => b - a)
    },
    choose(height) {
      player.configure({ abr: { enabled: height === 0 } })
      if (height === 0) return
      const track = player
        .getVariantTracks()
        .filter((t: { height: number | null }) => t.height === height)
        .sort((a: { bandwidth: number }, b: { bandwidth: number }) => b.bandwidth - a.bandwidth)[0]
      if (track) player.selectVariantTrack(track, true)
    },
  }
}
