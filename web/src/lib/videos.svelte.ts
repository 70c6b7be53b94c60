import { ApiError, eventsURL, listVideos, signedIn } from './api'
import { withAddressesHere } from './here'
import { mergeList } from './merge'
import type { Video } from './types'

const pageSize = 50

/**
 * What the page knows of the videos: the first pages of the list, kept up to
 * date by the server's events. After each (re)connection the list is fetched
 * again, because events that happened in between are not repeated.
 */
class Videos {
  all = $state.raw<Video[]>([])
  /** Where the next page begins; empty at the end of the list. */
  next = $state('')
  loaded = $state(false)
  signedOut = $state(false)
  live = $state(false)
  problem = $state('')

  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #wait = 1000
  /** For each list on its way: the videos that were reported meanwhile. */
  #underway = new Set<Set<string>>()
  #paged = false

  start(): void {
    void this.#begin()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = undefined
    this.live = false
  }

  /** Asks first whether this browser may see anything, then follows. */
  async #begin(): Promise<void> {
    try {
      if (await signedIn()) {
        // The list need not wait until the events flow.
        void this.#fetch()
        this.#connect()
      } else this.#leave()
    } catch (e) {
      this.#fail(e)
      this.loaded = true
      this.#later()
    }
  }

  #leave(): void {
    this.stop()
    this.signedOut = true
    this.loaded = true
  }

  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.start(), this.#wait)
    this.#wait = Math.min(this.#wait * 2, 15_000)
  }

  get(guid: string): Video | undefined {
    return this.all.find((v) => v.guid === guid)
  }

  put(v: Video): void {
    for (const fresh of this.#underway) fresh.add(v.guid)
    this.all = mergeList(this.all, [withAddressesHere(v, location.origin)], new Set())
  }

  async more(): Promise<void> {
    if (!this.next) return
    await this.#fetch(this.next)
    this.#paged = true
  }

  #connect(): void {
    this.stop()
    const source = new EventSource(eventsURL, { withCredentials: true })
    this.#source = source
    source.addEventListener('open', () => {
      this.#wait = 1000
      this.live = true
      void this.#fetch()
    })
    source.addEventListener('video', (event) => {
      try {
        this.put(JSON.parse((event as MessageEvent<string>).data) as Video)
      } catch {
        this.problem = 'An event of the server could not be read.'
      }
    })
    source.addEventListener('error', () => {
      this.live = false
      // The browser retries a lost connection itself, but gives up for good on
      // an answer that is not an event stream: 401, or a proxy's error page.
      if (source.readyState === EventSource.CLOSED) this.#later()
    })
  }

  async #fetch(after?: string): Promise<void> {
    const fresh = new Set<string>()
    this.#underway.add(fresh)
    try {
      const page = await listVideos(pageSize, after)
      const fetched = (page.videos ?? []).map((v) => withAddressesHere(v, location.origin))
      this.all = mergeList(this.all, fetched, fresh)
      // A refresh of the first page must not forget how far the list was read.
      if (after || !this.#paged) this.next = page.next ?? ''
      this.problem = ''
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) this.#leave()
      else this.#fail(e)
    } finally {
      this.#underway.delete(fresh)
      this.loaded = true
    }
  }

  #fail(e: unknown): void {
    this.problem = e instanceof Error ? e.message : String(e)
  }
}

export const videos = new Videos()
