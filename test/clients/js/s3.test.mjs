import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  paginateListObjectsV2,
  waitUntilBucketExists,
  waitUntilObjectNotExists,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { awkward, s3 } from './client.mjs'

const Bucket = 'js-files'
const client = s3()

async function keys(Prefix, pageSize = 1000) {
  const found = []
  for await (const page of paginateListObjectsV2({ client, pageSize }, { Bucket, Prefix })) {
    assert.ok((page.Contents ?? []).length <= pageSize)
    found.push(...(page.Contents ?? []).map((o) => o.Key))
  }
  return found
}

test('S3', async (t) => {
  await client.send(new CreateBucketCommand({ Bucket }))
  await waitUntilBucketExists({ client, maxWaitTime: 10 }, { Bucket })
  const { Buckets } = await client.send(new ListBucketsCommand({}))
  assert.ok(Buckets.some((b) => b.Name === Bucket))

  await t.test('put, get, list in pages, delete', async () => {
    for (const name of awkward) {
      const Key = `awkward/${name}`
      await client.send(new PutObjectCommand({ Bucket, Key, Body: name, ContentType: 'text/plain', Metadata: { clip: '7' } }))
      const got = await client.send(new GetObjectCommand({ Bucket, Key }))
      assert.equal(await got.Body.transformToString(), name)
      assert.equal(got.ContentType, 'text/plain')
      assert.deepEqual(got.Metadata, { clip: '7' })
    }
    const all = awkward.map((name) => `awkward/${name}`)
    assert.deepEqual(await keys('awkward/', 2), all)
    const gone = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: all.slice(1).map((Key) => ({ Key })) } }))
    assert.equal(gone.Deleted.length, all.length - 1)
    await client.send(new DeleteObjectCommand({ Bucket, Key: all[0] }))
    await waitUntilObjectNotExists({ client, maxWaitTime: 10 }, { Bucket, Key: all[0] })
    assert.deepEqual(await keys('awkward/'), [])
  })

  await t.test('a stream of unknown length goes up in parts', async () => {
    const data = randomBytes(11 * 2 ** 20)
    const Key = 'parts/large é.bin'
    const chunks = Array.from({ length: 11 }, (_, i) => data.subarray(i * 2 ** 20, (i + 1) * 2 ** 20))
    const seen = []
    const upload = new Upload({ client, partSize: 5 * 2 ** 20, params: { Bucket, Key, Body: Readable.from(chunks) } })
    upload.on('httpUploadProgress', (p) => seen.push(p.loaded))
    await upload.done()
    assert.equal(Math.max(...seen), data.length)
    const got = await client.send(new GetObjectCommand({ Bucket, Key }))
    assert.match(got.ETag, /-3"$/)
    assert.ok(data.equals(await buffer(got.Body)), 'the bytes are the same')
    const part = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=5242870-5242889' }))
    assert.ok(data.subarray(5242870, 5242890).equals(await buffer(part.Body)), 'so are those across two parts')
  })

  await t.test('an upload that is given up leaves nothing', async () => {
    const upload = new Upload({ client, params: { Bucket, Key: 'parts/dropped', Body: randomBytes(6 * 2 ** 20) } })
    upload.on('httpUploadProgress', () => upload.abort())
    const done = assert.rejects(upload.done(), { name: 'AbortError' })
    await upload.abort()
    await done
    assert.ok(!(await keys('parts/')).includes('parts/dropped'))
  })

  await t.test('presigned', async () => {
    const Key = `links/${awkward[5]}`
    const put = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 })
    assert.equal((await fetch(put, { method: 'PUT', body: 'by a link' })).status, 200)
    const get = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 })
    assert.equal(await (await fetch(get)).text(), 'by a link')
    const forged = await fetch(get.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))
    assert.equal(forged.status, 403)
    assert.match(await forged.text(), /<Code>SignatureDoesNotMatch<\/Code>/)
  })

  await t.test('a form with a signed policy', async () => {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: 'form/a b+é.txt',
      Conditions: [['content-length-range', 1, 100]],
      Expires: 60,
    })
    const post = (text) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      form.append('file', new Blob([text]), 'a b.txt')
      return fetch(url, { method: 'POST', body: form })
    }
    assert.equal((await post('by a form')).status, 204)
    assert.deepEqual(await keys('form/'), ['form/a b+é.txt'])
    const refused = await post('x'.repeat(101))
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), /<Code>EntityTooLarge<\/Code>/)
    // A variable of the key is refused in words, never taken for the key itself.
    const { fields: variable } = await createPresignedPost(client, { Bucket, Key: 'form/${filename}', Expires: 60 })
    const form = new FormData()
    for (const [name, value] of Object.entries(variable)) form.append(name, value)
    form.append('file', new Blob(['x']), 'b.txt')
    const unbuilt = await fetch(url, { method: 'POST', body: form })
    assert.equal(unbuilt.status, 501)
    assert.match(await unbuilt.text(), /\$\{filename\}/)
    assert.deepEqual(await keys('form/'), ['form/a b+é.txt'])
  })

  await t.test('typed errors', async () => {
    await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key: 'none' })), (e) => e instanceof NoSuchKey && e.$metadata.httpStatusCode === 404)
    await assert.rejects(client.send(new HeadObjectCommand({ Bucket, Key: 'none' })), NotFound)
    await assert.rejects(client.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'none' })), { name: 'NoSuchBucket' })
    const stranger = s3({ credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: 'wrong' } })
    await assert.rejects(stranger.send(new ListBucketsCommand({})), { name: 'SignatureDoesNotMatch' })
  })
})
