// Starts Debian's Chromium once; every test gets a window.
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
  const browser = await chromium.launch({ executablePath: executable, args: flags })
  return {
    // A window of its own for each, since a tab behind another one shows nothing.
    page: () => browser.newPage({ viewport: { width: 400, height: 300 } }),
    close: () => browser.close(),
  }
}
