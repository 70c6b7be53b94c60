import type { Video } from './types'

/** One of the ways in which a video can be watched. */
export interface Stream {
  name: string
  url: string
  /** Whether the page's own player takes it: Smooth Streaming has other players. */
  plays: boolean
}

/** The addresses in a record that are streams. */
export const streamURLs = ['hlsUrl', 'cmafHlsUrl', 'dashUrl', 'cmafDashUrl', 'mssUrl'] as const

const names: Record<(typeof streamURLs)[number], string> = {
  hlsUrl: 'HLS',
  cmafHlsUrl: 'CMAF, HLS',
  dashUrl: 'DASH',
  cmafDashUrl: 'CMAF, DASH',
  mssUrl: 'Smooth Streaming',
}

/** The streams of a video; what the page plays by itself comes first. */
export function streamsOf(v: Video): Stream[] {
  return streamURLs.flatMap((key) => {
    const url = v[key]
    return url ? [{ name: names[key], url, plays: key !== 'mssUrl' }] : []
  })
}
