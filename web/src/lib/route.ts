/** Where the page is: `#/` is the list, `#/videos/<guid>` one video. */
export type Route = { view: 'list' } | { view: 'video'; guid: string } | { view: 'lost' }

export function readRoute(hash: string): Route {
  const path = hash.replace(/^#/, '')
  if (path === '' || path === '/') return { view: 'list' }
  const found = /^\/videos\/([^/]+)$/.exec(path)
  if (!found?.[1]) return { view: 'lost' }
  try {
    return { view: 'video', guid: decodeURIComponent(found[1]) }
  } catch {
    return { view: 'lost' }
  }
}

export const videoHref = (guid: string): string => `#/videos/${encodeURIComponent(guid)}`
