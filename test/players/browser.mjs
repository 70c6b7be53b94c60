// Starts Debian's Chromium once, with a profile of its own; every test gets a page.
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
  // Several pages play at once: none of them may be slowed down as one that
  // nobody looks at.
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
]

export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** @returns {Promise<{ page: () => Promise<import('playwright-core').Page>, close: () => Promise<void> }>} */
export async function launch() {
  const profile = await mkdtemp(join(tmpdir(), 'spool-players-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    args: flags,
    viewport: { width: 400, height: 300 },
  })
  return {
    page: () => context.newPage(),
    async close() {
      await context.close()
      // Its children may still write for a moment.
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
