// What the clip shows and sounds like; the tests and the page both go by it.
export const clip = {
  width: 320,
  height: 180,
  fps: 30,
  seconds: 8,
  /** The pitch of the first sound track in a second, in hertz. */
  english: (second) => 500 + 250 * second,
  /** The pitch of the second one. */
  french: (second) => 3000 + 250 * second,
}
