import type { Pipeline, Upload, UploadRequest, Video, VideoPage } from './types'

/** An answer that is not 2xx. `message` is fit to be shown. */
export class ApiError extends Error {
  override name = 'ApiError'
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

interface Problem {
  title?: string
  detail?: string
  errors?: { message?: string; location?: string }[]
}

/** Says in words what a problem document (RFC 9457) says. */
export function problemText(status: number, body: string): string {
  let problem: Problem = {}
  try {
    problem = (JSON.parse(body) ?? {}) as Problem
  } catch {
    // Not JSON: an answer of something between the page and Spool.
  }
  const details = (problem.errors ?? []).map((e) => e.message).filter(Boolean)
  const said = [problem.detail, ...details].filter(Boolean).join('; ')
  return said || problem.title || `The server answered ${status}.`
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init?.signal?.aborted) throw cause
    throw new ApiError(0, 'The server can’t be reached. Is `spool serve` running?')
  }
  const body = await response.text()
  if (!response.ok) throw new ApiError(response.status, problemText(response.status, body))
  try {
    return JSON.parse(body) as T
  } catch {
    throw new ApiError(response.status, `The server’s answer to ${path} is not JSON.`)
  }
}

export const eventsURL = '/api/v1/videos/events'

/** Tells whether this browser is signed in. */
export async function signedIn(): Promise<boolean> {
  const session = await call<{ signedIn: boolean }>('/api/v1/session')
  return session.signedIn
}

export function listVideos(limit: number, after?: string): Promise<VideoPage> {
  const query = new URLSearchParams({ limit: String(limit) })
  if (after) query.set('after', after)
  return call(`/api/v1/videos?${query}`)
}

export const getVideo = (guid: string): Promise<Video> => call(`/api/v1/videos/${encodeURIComponent(guid)}`)

export async function listPipelines(): Promise<Pipeline[]> {
  const answer = await call<{ pipelines: Pipeline[] | null }>('/api/v1/pipelines')
  return answer.pipelines ?? []
}

export function createUpload(request: UploadRequest): Promise<Upload> {
  return call('/api/v1/uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  })
}
