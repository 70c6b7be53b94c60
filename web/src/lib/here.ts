import { streamURLs } from './streams'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'])

/**
 * An address of delivery as this page reaches it. A server that was told no
 * public name writes a loopback address into its records; whoever came by
 * another name (localhost, the name in the local network) finds the same files
 * beside the page. Addresses with a real name are left as they are.
 */
export function here(url: string, origin: string): string {
  const parsed = new URL(url, origin)
  if (loopback.has(parsed.hostname) && parsed.pathname.startsWith('/media/')) {
    return origin + parsed.pathname + parsed.search
  }
  return parsed.href
}

type Addresses = { [key in (typeof streamURLs)[number]]?: string } & { mp4Urls?: string[]; thumbNailsUrls?: string[] }

/** The same for each of a record's addresses. */
export function withAddressesHere<T extends Addresses>(v: T, origin: string): T {
  const all = (urls: string[]): string[] => urls.map((u) => here(u, origin))
  return {
    ...v,
    ...Object.fromEntries(streamURLs.flatMap((key) => (v[key] ? [[key, here(v[key], origin)]] : []))),
    ...(v.mp4Urls && { mp4Urls: all(v.mp4Urls) }),
    ...(v.thumbNailsUrls && { thumbNailsUrls: all(v.thumbNailsUrls) }),
  }
}
