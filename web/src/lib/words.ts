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

// What the codes of the service mean to a person; its own messages are technical.
const codes: Record<number, string> = {
  1010: 'The file could not be opened as a video.',
  1020: 'There is no video in the file.',
  1021: 'There is no sound in the file, but the job needs some.',
  1030: 'The file uses a format that can’t be decoded here.',
  1040: 'The file and the settings of the job don’t go together.',
  1050: 'The disk of the server is full.',
  1056: 'The file could not be opened.',
  1075: 'The file is damaged or incomplete.',
  1076: 'The file ends too early: it is damaged or was not uploaded whole.',
  1401: 'The server may not read the file.',
  1404: 'The file is not there any more.',
  1517: 'The result could not be written.',
  1522: 'It took too long.',
}

/** Why a video failed, in a sentence for people and the service's own; empty when it did not. */
export function errorWords(v: Video): string {
  if (v.workflowStatus !== 'Error') return ''
  const message = v.errorMessage?.trim() || 'It failed without giving a reason; see the log of the server.'
  const plain = codes[v.errorCode ?? 0]
  return [plain, v.errorCode ? `${message} (code ${v.errorCode})` : message].filter(Boolean).join(' ')
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
