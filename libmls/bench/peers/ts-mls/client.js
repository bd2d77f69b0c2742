// A client of ts-mls, and what the benchmark has it do. What is timed goes from bytes to bytes; files are read
// before and written after. The keys that ts-mls hands over to be wiped are left alone: the snapshot has them too.

import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  acceptAll,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  decodeGroupState,
  decodeMlsMessage,
  defaultAuthenticationService,
  defaultKeyPackageEqualityConfig,
  defaultKeyRetentionConfig,
  defaultLifetimeConfig,
  emptyPskIndex,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  joinGroup,
  joinGroupExternal,
  processPrivateMessage,
  processPublicMessage,
} from "ts-mls"
import { decodeRatchetTree } from "ts-mls/ratchetTree.js"
import { bytes, Unsupported } from "./line.js"
import { implementSuite } from "./provider.js"

const IDENTITY_LENGTH = 21 // bytes: all members' leaves are of the same size
const HOUR = 3600n
const DAY = 24n * HOUR

const clientConfig = {
  keyRetentionConfig: { ...defaultKeyRetentionConfig, retainKeysForEpochs: 1 }, // 0 keeps those of all epochs
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
  authService: defaultAuthenticationService,
}

function suiteName(number) {
  const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === number)
  if (name === undefined) throw new Unsupported("no such cipher suite")
  return name
}

function identity(name) {
  if (name.length > IDENTITY_LENGTH) throw new Error("the name is too long")
  return new TextEncoder().encode(name.padEnd(IDENTITY_LENGTH, "-"))
}

function lifetime() {
  const now = BigInt(Math.floor(Date.now() / 1000))
  return { notBefore: now - HOUR, notAfter: now + 30n * DAY }
}

function read(file) {
  return new Uint8Array(readFileSync(file))
}

// All files of a folder, in the order of their names.
function readFolder(folder) {
  return readdirSync(folder).sort().map((name) => read(join(folder, name)))
}

function writeAndSync(file, data) {
  const descriptor = openSync(file, "w")
  writeFileSync(descriptor, data)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

async function timed(call) {
  const start = process.hrtime.bigint()
  const result = await call()
  return [process.hrtime.bigint() - start, result]
}

function encodeMessage(wireformat, content) {
  return encodeMlsMessage({ version: "mls10", wireformat, ...content })
}

function decodeAll(decode, encoded) {
  const [decoded, length] = decode(encoded, 0) ?? [undefined, 0]
  if (length !== encoded.length) throw new Error("not decoded")
  return decoded
}

function decodeMessage(wireformat, encoded) {
  const message = decodeAll(decodeMlsMessage, encoded)
  if (message.wireformat !== wireformat) throw new Error(`a ${message.wireformat}, not a ${wireformat}`)
  return message
}

function decodeTree(encoded) {
  return encoded === undefined ? undefined : decodeAll(decodeRatchetTree, encoded)
}

function addProposal(message) {
  return { proposalType: "add", add: decodeMessage("mls_key_package", message) }
}

export class Client {
  #identity
  #suite
  #signatureKeys
  #keyPackage
  #state
  #snapshot

  static async create(name, suiteNumber) {
    const client = new Client()
    client.#identity = identity(name)
    client.#suite = await implementSuite(getCiphersuiteFromName(suiteName(suiteNumber)))
    client.#signatureKeys = await client.#suite.signature.keygen()
    return client
  }

  async #makeKeyPackage() {
    const credential = { credentialType: "basic", identity: this.#identity }
    const capabilities = {
      versions: ["mls10"],
      ciphersuites: [this.#suite.name],
      extensions: [],
      proposals: [],
      credentials: ["basic"],
    }
    return generateKeyPackageWithKey(credential, capabilities, lifetime(), [], this.#signatureKeys, this.#suite)
  }

  async keyPackage(out) {
    const [took, message] = await timed(async () => {
      this.#keyPackage = await this.#makeKeyPackage()
      return encodeMessage("mls_key_package", { keyPackage: this.#keyPackage.publicPackage })
    })
    writeFileSync(out, message)
    return took
  }

  // A group of one, and the Commit that adds all the others.
  async create(folder, outCommit, outWelcome) {
    const keyPackages = readFolder(folder)
    const [took, { commit, welcome, newState }] = await timed(async () => {
      const { publicPackage, privatePackage } = await this.#makeKeyPackage()
      const groupId = this.#suite.rng.randomBytes(16)
      const state = await createGroup(groupId, publicPackage, privatePackage, [], this.#suite, clientConfig)
      return this.#makeCommit(state, keyPackages.map(addProposal))
    })
    this.#state = newState
    writeFileSync(outCommit, commit)
    writeFileSync(outWelcome, welcome)
    return took
  }

  async join(welcomeFile, treeFile) {
    const message = read(welcomeFile)
    const encodedTree = treeFile && read(treeFile)
    const { publicPackage, privatePackage } = this.#keyPackage
    const [took, state] = await timed(() => {
      const { welcome } = decodeMessage("mls_welcome", message)
      const tree = decodeTree(encodedTree)
      return joinGroup(
        welcome, publicPackage, privatePackage, emptyPskIndex, this.#suite, tree, undefined, clientConfig)
    })
    this.#state = state
    return took
  }

  async joinExternal(groupInfoFile, out, treeFile) {
    const encoded = read(groupInfoFile)
    const encodedTree = treeFile && read(treeFile)
    const [took, { message, newState }] = await timed(async () => {
      const { groupInfo } = decodeMessage("mls_group_info", encoded)
      const { publicPackage, privatePackage } = await this.#makeKeyPackage()
      const { publicMessage, newState } = await joinGroupExternal(
        groupInfo, publicPackage, privatePackage, false, this.#suite, decodeTree(encodedTree), clientConfig)
      return { message: encodeMessage("mls_public_message", { publicMessage }), newState }
    })
    this.#state = newState
    writeFileSync(out, message)
    return took
  }

  async groupInfo(out) {
    const [took, message] = await timed(async () => {
      const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.#state, [], this.#suite)
      return encodeMessage("mls_group_info", { groupInfo })
    })
    writeFileSync(out, message)
    return took
  }

  // There is a path only where the proposals need one, or there are none.
  async #makeCommit(state, extraProposals) {
    const { commit, welcome, newState } = await createCommit(
      { state, cipherSuite: this.#suite, pskIndex: emptyPskIndex },
      { ratchetTreeExtension: true, extraProposals })
    return {
      commit: encodeMlsMessage(commit),
      welcome: welcome && encodeMessage("mls_welcome", { welcome }),
      newState,
    }
  }

  async #commit(makeProposals, outCommit, outWelcome) {
    const [took, { commit, welcome, newState }] = await timed(() => this.#makeCommit(this.#state, makeProposals()))
    this.#state = newState
    writeFileSync(outCommit, commit)
    if (outWelcome !== undefined) writeFileSync(outWelcome, welcome)
    return took
  }

  async commit(out) {
    return this.#commit(() => [], out)
  }

  async add(keyPackageFile, outCommit, outWelcome) {
    const keyPackage = read(keyPackageFile)
    return this.#commit(() => [addProposal(keyPackage)], outCommit, outWelcome)
  }

  async remove(leaf, out) {
    return this.#commit(() => [{ proposalType: "remove", remove: { removed: leaf } }], out)
  }

  async #receive(encoded) {
    const message = decodeAll(decodeMlsMessage, encoded)
    return message.wireformat === "mls_public_message"
      ? processPublicMessage(this.#state, message.publicMessage, emptyPskIndex, this.#suite, acceptAll)
      : processPrivateMessage(this.#state, message.privateMessage, emptyPskIndex, this.#suite, acceptAll)
  }

  async process(file) {
    const encoded = read(file)
    const [took, { newState }] = await timed(() => this.#receive(encoded))
    if (newState.groupContext.epoch === this.#state.groupContext.epoch) throw new Error("no Commit")
    this.#state = newState
    return took
  }

  async encrypt(length, out) {
    const data = new Uint8Array(length).fill("x".charCodeAt(0))
    const [took, { message, newState }] = await timed(async () => {
      const { privateMessage, newState } = await createApplicationMessage(this.#state, data, this.#suite)
      return { message: encodeMessage("mls_private_message", { privateMessage }), newState }
    })
    this.#state = newState
    writeFileSync(out, message)
    return took
  }

  async decrypt(file) {
    const encoded = read(file)
    const [took, { kind, message, newState }] = await timed(() => this.#receive(encoded))
    if (kind !== "applicationMessage") throw new Error("no application message")
    this.#state = newState
    return `${took} len=${message.length}`
  }

  // A state is never changed: a reference is a copy.
  snapshot() {
    this.#snapshot = { state: this.#state, keyPackage: this.#keyPackage }
    return ""
  }

  restore() {
    if (this.#snapshot === undefined) throw new Error("no snapshot")
    this.#state = this.#snapshot.state
    this.#keyPackage = this.#snapshot.keyPackage
    return ""
  }

  async save(file) {
    const [took, size] = await timed(() => {
      const encoded = encodeGroupState(this.#state)
      writeAndSync(file, encoded)
      return encoded.length
    })
    return `${took} len=${size}`
  }

  async load(file) {
    const [took, state] = await timed(() => ({ ...decodeAll(decodeGroupState, read(file)), clientConfig }))
    this.#state = state
    return took
  }

  state() {
    const { groupContext, keySchedule, privatePath } = this.#state
    return `${groupContext.epoch} ${privatePath.leafIndex} ${bytes(keySchedule.epochAuthenticator)}`
  }
}
