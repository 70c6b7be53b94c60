import type { Video, VideoStatus } from './types'

/** The states in which nothing more will happen. */
export const settled = (status: VideoStatus): boolean => status === 'Complete' || status === 'Error'

/** What a video is at, in words. */
export function statusWords(v: Video): string {
  switch (v.workflowStatus) {
    case 'Ingest':
      return 'Waiting for its turn'
    case 'Encode':
      if (v.phase === 'PROBING') return 'Reading the file'
      if (v.phase === 'UPLOADING') return 'Publishing'
      return v.phase === 'TRANSCODING' ? 'Encoding' : 'Waiting for its turn'
    case 'Process':
      return 'Processing frames'
    case 'Complete':
      return 'Complete'
    case 'Error':
      return 'Failed'
    default:
      return v.workflowStatus
  }
}

/** Why a video failed, in one or two sentences; empty when it did not. */
export function errorWords(v: Video): string {
  if (v.workflowStatus !== 'Error') return ''
  const message = v.errorMessage?.trim() || 'It failed without giving a reason; see the log of the server.'
  return v.errorCode ? `${message} (code ${v.errorCode})` : message
}

/** The state as a tone for colours. */
export function tone(status: VideoStatus): 'good' | 'bad' | 'busy' {
  if (status === 'Complete') return 'good'
  return status === 'Error' ? 'bad' : 'busy'
}

/** Why an upload failed, in words a person can act on. */
export function uploadErrorWords(message: string): string {
  if (/^Network error/.test(message)) {
    return 'The connection to the storage (S3) broke, or it can’t be reached from here. Try again.'
  }
  const code = /^S3 returned (\d+)(?: – (\w+))?/.exec(message)
  if (!code) return message
  if (code[2] === 'RequestTimeTooSkewed') return 'The server’s clock is wrong, so its own permits to upload have ended.'
  if (code[1] === '403') return `The permit to upload has ended or was refused (${code[2] ?? 'HTTP 403'}). Try again.`
  if (code[1] === '507' || code[2] === 'InsufficientStorage') return 'The server’s disk is full.'
  return `The storage did not take the file (${code[2] ?? `HTTP ${code[1]}`}). Try again; the log of the server says more.`
}
