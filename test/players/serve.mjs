// A plain web server for one folder: what Spool made, the players and the page
// that drives them, all from one origin. It knows ranges and types, and nothing
// of streams: whatever is not in the files is not there.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mpd': 'application/dash+xml',
  '.ts': 'video/mp2t',
  '.aac': 'audio/aac',
  '.mp4': 'video/mp4',
  '.m4s': 'video/mp4',
  '.cmfv': 'video/mp4',
  '.cmfa': 'audio/mp4',
  '.cmft': 'application/mp4',
  '.ismv': 'video/mp4',
  '.isma': 'audio/mp4',
  '.vtt': 'text/vtt; charset=utf-8',
  '.ttml': 'application/ttml+xml',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
}

/** "bytes=A-B", "bytes=A-" or "bytes=-N" as [first, last]. */
function range(header, size) {
  const m = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!m || (m[1] === '' && m[2] === '')) return undefined
  if (m[1] === '') return [Math.max(0, size - Number(m[2])), size - 1]
  return [Number(m[1]), m[2] === '' ? size - 1 : Math.min(size - 1, Number(m[2]))]
}

async function answer(folders, request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname))
  const [, first, ...rest] = path.split(sep)
  const folder = folders[first]
  const file = folder && join(folder, ...rest)
  const info = file && !path.includes('..') ? await stat(file).catch(() => undefined) : undefined
  if (!info?.isFile()) {
    response.writeHead(404).end()
    return
  }
  const headers = { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes', 'Cache-Control': 'no-store' }
  const part = range(request.headers.range, info.size)
  if (part && part[0] > part[1]) {
    response.writeHead(416, { 'Content-Range': `bytes */${info.size}` }).end()
    return
  }
  const [start, end] = part ?? [0, info.size - 1]
  headers['Content-Length'] = end - start + 1
  if (part) headers['Content-Range'] = `bytes ${start}-${end}/${info.size}`
  response.writeHead(part ? 206 : 200, headers)
  if (request.method === 'HEAD' || info.size === 0) response.end()
  else createReadStream(file, { start, end }).pipe(response)
}

/**
 * @param {Record<string, string>} folders by the first element of the path
 * @param {Record<string, (request, response) => unknown>} [doors] handlers by the first element of the path
 */
export async function serve(folders, doors = {}) {
  const server = createServer((request, response) => {
    const door = doors[request.url.split('/')[1]]
    Promise.resolve(door ? door(request, response) : answer(folders, request, response)).catch((e) => {
      response.destroy(e)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}
