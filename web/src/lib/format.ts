// Numbers and times as people read them.

/** 1 234 567 → "1.2 MB", in steps of 1000. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let value = n
  let unit = -1
  do {
    value /= 1000
    unit++
    // 999.96 kB would be written 1000 kB: go on to 1.0 MB.
  } while (Math.round(value * 10) / 10 >= 1000 && unit < units.length - 1)
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** Milliseconds → "0:07", "12:30", "1:02:03"; tenths below ten seconds. */
export function duration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const all = Math.round(ms / 1000)
  const s = String(all % 60).padStart(2, '0')
  const m = Math.floor(all / 60) % 60
  const h = Math.floor(all / 3600)
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`
}

/** Bits per second → "4.2 Mb/s". */
export function bitrate(bps: number): string {
  if (bps >= 999_500) return `${(bps / 1e6).toFixed(1)} Mb/s`
  return `${Math.round(bps / 1000)} kb/s`
}

/** 29.97002997 → "29.97", 25 → "25". */
export function rate(fps: number): string {
  return String(Math.round(fps * 1000) / 1000)
}

/** How long ago, in words; older than a day: the date. */
export function ago(iso: string, now: number): string {
  const then = Date.parse(iso)
  if (Number.isNaN(then)) return ''
  const s = Math.max(0, Math.round((now - then) / 1000))
  if (s < 45) return 'just now'
  if (s < 3570) return `${Math.max(1, Math.round(s / 60))} min ago`
  if (s < 86400) return `${Math.round(s / 3600)} h ago`
  return new Date(then).toLocaleDateString(undefined, { dateStyle: 'medium' })
}

/** The last part of an object's key. */
export function baseName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1) || key
}

/** The file name that an address ends in, decoded, without its query. */
export function urlName(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? url
  const last = path.slice(path.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
