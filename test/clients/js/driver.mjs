// Calls MediaConvert as a test asks, through the SDK for JavaScript. Each line of
// the input is one call in JSON; each line of the output is what came of it, as the
// SDK gives it. See driver_test.go for both.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as sdk from '@aws-sdk/client-mediaconvert'

const endpoint = process.env.SPOOL_HTTP
const clients = new Map()

/** Gives the client of a key pair; without one, requests are not signed. */
function clientOf(keys) {
  const place = JSON.stringify(keys ?? null)
  if (!clients.has(place)) {
    const own = keys
      ? { credentials: { accessKeyId: keys.access, secretAccessKey: keys.secret, sessionToken: keys.token } }
      : { credentials: { accessKeyId: 'none', secretAccessKey: 'none' }, signer: { sign: async (request) => request } }
    clients.set(place, new sdk.MediaConvertClient({ region: process.env.AWS_REGION, endpoint, maxAttempts: 1, ...own }))
  }
  return clients.get(place)
}

/** Takes off what the SDK adds of its own. */
function answer({ $metadata, ...output }) {
  return { output, status: $metadata.httpStatusCode }
}

const does = {
  hello() {
    const operations = Object.keys(sdk).filter((n) => n.endsWith('Command') && n !== '$Command').map((n) => n.slice(0, -'Command'.length))
    const paginators = Object.keys(sdk).filter((n) => n.startsWith('paginate')).map((n) => n.slice('paginate'.length))
    const { version } = JSON.parse(readFileSync(new URL('node_modules/@aws-sdk/client-mediaconvert/package.json', import.meta.url)))
    return { client: `SDK for JavaScript ${version}`, operations, paginators }
  },
  async call({ operation, input, keys }) {
    return answer(await clientOf(keys).send(new sdk[`${operation}Command`](input)))
  },
  async pages({ operation, input, keys, size }) {
    const pages = []
    for await (const page of sdk[`paginate${operation}`]({ client: clientOf(keys), pageSize: size }, input)) pages.push(answer(page).output)
    return { pages, status: 200 }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line)
  let told
  try {
    told = await does[ask.do](ask)
  } catch (error) {
    const typed = error instanceof sdk.MediaConvertServiceException && error instanceof (sdk[error.name] ?? Array)
    told = { error: { code: error.$metadata ? error.name : 'Client', message: error.message, typed }, status: error.$metadata?.httpStatusCode }
  }
  process.stdout.write(`${JSON.stringify(told)}\n`)
}
