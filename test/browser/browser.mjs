// Starts Debian's Chromium with a profile of its own and gathers what it complains about.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/**
 * @param {import('node:test').TestContext} t closes the browser at its end
 * @param {string} url of the server
 * @param {import('playwright-core').BrowserContextOptions} options such as viewport and colorScheme
 */
export async function open(t, url, options = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'spool-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: flags,
    viewport: { width: 1200, height: 900 },
    ...options,
  })
  t.after(async () => {
    await context.close()
    // Its children may still write for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })
  const complaints = []
  /** requests that left the machine the server runs on */
  const strangers = []
  const host = new URL(url).hostname
  const page = context.pages()[0] ?? (await context.newPage())
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (/^https?:$/.test(protocol) && hostname !== host) strangers.push(request.url())
  })
  return { page, context, complaints, strangers }
}
