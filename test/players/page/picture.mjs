// Reads the strip of cells that mkclip draws over the top of each picture: a
// start mark, sixteen bits of the frame's number, four check bits, an end mark.
const marks = [true, false, true]
const cells = 3 + 16 + 4 + 3

const canvas = new OffscreenCanvas(520, 20)
const context = canvas.getContext('2d', { willReadFrequently: true })

function check(number) {
  let sum = 5
  for (let i = 0; i < 4; i++) sum = (sum * 3 + ((number >> (4 * i)) & 15) + i) & 15
  return sum
}

/** The number of the frame that a picture shows; -1 when it can't be read. */
export function frameNumber(picture) {
  const width = picture.videoWidth ?? picture.width
  const height = picture.videoHeight ?? picture.height
  if (!width) return -1
  context.drawImage(picture, 0, 0, width, height / 9, 0, 0, canvas.width, canvas.height)
  const { data } = context.getImageData(0, canvas.height / 2, canvas.width, 1)
  const cell = canvas.width / cells
  const bits = Array.from({ length: cells }, (_, i) => {
    let sum = 0
    for (let x = Math.floor(cell * (i + 0.3)); x < cell * (i + 0.7); x++) sum += data[4 * x + 1]
    return sum / Math.ceil(cell * 0.4) > 128
  })
  if (marks.some((white, i) => bits[i] !== white || bits[cells - 3 + i] !== white)) return -1
  const value = (from, length) => bits.slice(from, from + length).reduce((n, bit) => 2 * n + (bit ? 1 : 0), 0)
  const number = value(3, 16)
  return value(19, 4) === check(number) ? number : -1
}
