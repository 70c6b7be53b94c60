import type { Video } from './types'

/** Newest first; the guid decides between equals, so that the order never jumps. */
export function newestFirst(a: Video, b: Video): number {
  // As numbers: the server leaves zeros out at the end of fractions of a second.
  return Date.parse(b.startTime) - Date.parse(a.startTime) || (a.guid < b.guid ? 1 : -1)
}

/**
 * Joins a list that was fetched with what is on the page. A video in `fresh` was
 * reported while the list was on its way, so what the page has is newer.
 */
export function mergeList(known: Video[], fetched: Video[], fresh: ReadonlySet<string>): Video[] {
  const byGuid = new Map(known.map((v) => [v.guid, v]))
  for (const v of fetched) {
    if (!fresh.has(v.guid) || !byGuid.has(v.guid)) byGuid.set(v.guid, v)
  }
  return [...byGuid.values()].sort(newestFirst)
}
