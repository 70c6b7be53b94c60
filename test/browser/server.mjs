// The server under test: the one that SPOOL_URL and SPOOL_SIGNIN name, or else
// bin/spool, started here with nothing but its defaults, and a clip made here.
import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const binary = process.env.SPOOL_BINARY ?? fileURLToPath(new URL('../../bin/spool', import.meta.url))
const exists = (path) => access(path).then(
  () => true,
  () => false,
)

/**
 * @returns {Promise<{ url: string, signIn: string, clip: string, stop: () => Promise<void> } | { missing: string }>}
 */
export async function server() {
  const { SPOOL_URL: url, SPOOL_SIGNIN: signIn, SPOOL_CLIP: clip } = process.env
  if (!(await exists(process.env.CHROMIUM ?? '/usr/bin/chromium'))) return { missing: 'Chromium is not installed (Debian: chromium)' }
  if (url && signIn && clip) return { url, signIn, clip, stop: async () => {} }
  if (url || signIn) return { missing: 'SPOOL_URL, SPOOL_SIGNIN and SPOOL_CLIP belong together' }
  if (!(await exists(binary))) return { missing: 'bin/spool is not built; run make build' }

  const folder = await mkdtemp(join(tmpdir(), 'spool-browser-server-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const made = clip ?? (await makeClip(folder))
    const started = await start(join(folder, 'data'))
    return {
      ...started,
      clip: made,
      stop: async () => {
        await started.stop()
        await remove()
      },
    }
  } catch (e) {
    await remove()
    throw e
  }
}

/** 24 s of moving picture and sound, under a name that needs encoding everywhere. */
async function makeClip(folder) {
  const clip = join(folder, 'déjà vu & 100% (1)+.mp4')
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error'],
    ...['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=24'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=24'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest', `file:${clip}`],
  ])
  return clip
}

async function start(data) {
  const child = spawn(binary, ['serve', '--data', data, '--http', '127.0.0.1:0', '--s3', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 40_000)
    await ended
    clearTimeout(force)
  }
  let log = ''
  child.stderr.on('data', (text) => (log += text))
  const ready = new Promise((resolve) => {
    let url = ''
    let signIn = ''
    createInterface({ input: child.stdout }).on('line', (line) => {
      log += `${line}\n`
      signIn ||= /https?:\/\/\S+\/signin\?token=[\w-]+/.exec(line)?.[0] ?? ''
      url ||= /^ready http=(\S+)/.exec(line)?.[1] ?? ''
      if (url && signIn) resolve({ url, signIn })
    })
  })
  let timer
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 30_000)))
  const found = await Promise.race([ready, ended, late])
  clearTimeout(timer)
  if (found?.url) return { ...found, stop }
  await stop()
  throw new Error(`bin/spool was not ready, or gave no sign-in link:\n${log}`)
}
