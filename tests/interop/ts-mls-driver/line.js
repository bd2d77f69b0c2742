// The line protocol: a command is words with a space between them, and is answered with one line.

import { createInterface } from "node:readline"

export class Unsupported extends Error {}

export class Line {
  #words

  constructor(text) {
    this.#words = text.split(" ").filter((word) => word !== "")
  }

  get atEnd() {
    return this.#words.length === 0
  }

  word() {
    if (this.atEnd) throw new Error("a word is missing")
    return this.#words.shift()
  }

  number() {
    const number = Number(this.word())
    if (!Number.isInteger(number)) throw new Error("no number")
    return number
  }

  // Bytes in hexadecimal, "-" for none.
  bytes() {
    const word = this.word()
    if (word === "-") return new Uint8Array()
    if (!/^([0-9a-f]{2})+$/.test(word)) throw new Error("no bytes")
    return new Uint8Array(Buffer.from(word, "hex"))
  }

  // Whether the next word is this one; only then it is taken.
  has(word) {
    if (this.#words[0] !== word) return false
    this.#words.shift()
    return true
  }

  // Whether the next word is the first of these two and not the second.
  choice(yes, no) {
    const word = this.word()
    if (word !== yes && word !== no) throw new Error(`neither ${yes} nor ${no}: ${word}`)
    return word === yes
  }
}

export function bytes(bytes) {
  return bytes.length === 0 ? "-" : Buffer.from(bytes).toString("hex")
}

// Answers each line of the standard input, to its end; what run() returns follows "ok".
export async function serve(run) {
  for await (const text of createInterface({ input: process.stdin })) {
    let answer
    try {
      answer = `ok ${await run(new Line(text))}`.trimEnd()
    } catch (error) {
      const kind = error instanceof Unsupported ? "unsupported" : "error"
      answer = `${kind} ${error.name}: ${error.message}`.replaceAll("\n", " ")
    }
    process.stdout.write(`${answer}\n`)
  }
}
