// A client of ts-mls, and what the line protocol has it do.

import {
  acceptAll,
  branchGroup,
  bytesToBase64,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPub,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decodeMlsMessage,
  defaultCapabilities,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  joinGroupFromBranch,
  joinGroupFromReinit,
  makePskIndex,
  mlsExporter,
  processPrivateMessage,
  processPublicMessage,
  proposeAddExternal,
  proposeExternal,
  reinitCreateNewGroup,
  zeroOutUint8Array,
} from "ts-mls"
import { decodeExtension } from "ts-mls/extension.js"
import { greaseCapabilities } from "ts-mls/grease.js"
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { p256, p384, p521 } from "@noble/curves/nist.js"
import { bytes, Unsupported } from "./line.js"

const HOUR = 3600n
const DAY = 24n * HOUR

// The default is forever, which is longer than others take.
function lifetime() {
  const now = BigInt(Math.floor(Date.now() / 1000))
  return { notBefore: now - HOUR, notAfter: now + 30n * DAY }
}

function suiteName(number) {
  const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === number)
  if (name === undefined) throw new Unsupported("no such cipher suite")
  return name
}

// Reads the elements of `Extension extensions<V>`, without the length before them.
function readExtensions(line) {
  const encoded = line.bytes()
  const extensions = []
  for (let at = 0; at < encoded.length; ) {
    const [extension, length] = decodeExtension(encoded, at)
    extensions.push(extension)
    at += length
  }
  return extensions
}

// Reads of which group and epoch somebody outside speaks; ts-mls wants to see its GroupInfo.
function readOutside(line) {
  line.bytes()
  line.number()
  return decodeMessage("mls_group_info", line.bytes()).groupInfo
}

// The default has GREASE values by chance.
function capabilities(grease) {
  return grease ? greaseCapabilities({ probabilityPerGreaseValue: 1 }, defaultCapabilities()) : defaultCapabilities()
}

// Signature keys are the application's to bring. Those that ts-mls makes for the NIST curves are compressed points;
// RFC 9420, Section 5.1.1, has the uncompressed ones.
async function makeSignatureKeys(suiteNumber, suite) {
  const curve = { 2: p256, 5: p521, 7: p384 }[suiteNumber]
  if (curve === undefined) return suite.signature.keygen()
  const signKey = curve.utils.randomSecretKey()
  return { signKey, publicKey: curve.getPublicKey(signKey, false) }
}

function encodeMessage(wireformat, content) {
  return bytes(encodeMlsMessage({ version: "mls10", wireformat, ...content }))
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

// The tree that came beside a message; none where the GroupInfo has it.
function decodeTree(encoded) {
  return encoded.length === 0 ? undefined : decodeAll(decodeRatchetTree, encoded)
}

export class Client {
  #name
  #suite
  #signatureKeys
  #grease
  #keyPackage
  #psks = {}
  #state
  #pending // what a Commit of our own will make of the state

  static async create(name, suiteNumber, grease) {
    const client = new Client()
    client.#name = name
    client.#grease = grease
    client.#suite = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName(suiteNumber)))
    client.#signatureKeys = await makeSignatureKeys(suiteNumber, client.#suite)
    return client
  }

  async #makeKeyPackage() {
    const credential = { credentialType: "basic", identity: new TextEncoder().encode(this.#name) }
    this.#keyPackage = await generateKeyPackageWithKey(
      credential, capabilities(this.#grease), lifetime(), [], this.#signatureKeys, this.#suite)
    return this.#keyPackage
  }

  #pskIndex() {
    return makePskIndex(this.#state, this.#psks)
  }

  // Takes over what a call has made of the state, and wipes the keys that it used up.
  #adopt({ newState, consumed }) {
    this.#state = newState
    consumed.forEach(zeroOutUint8Array)
  }

  async keyPackage() {
    const { publicPackage } = await this.#makeKeyPackage()
    return encodeMessage("mls_key_package", { keyPackage: publicPackage })
  }

  signatureKey() {
    return bytes(this.#signatureKeys.publicKey)
  }

  addPsk(id, secret) {
    this.#psks[bytesToBase64(id)] = secret
    return ""
  }

  async create(groupId) {
    const { publicPackage, privatePackage } = await this.#makeKeyPackage()
    this.#state = await createGroup(groupId, publicPackage, privatePackage, [], this.#suite)
    return ""
  }

  async join(message, tree) {
    const { welcome } = decodeMessage("mls_welcome", message)
    const { publicPackage, privatePackage } = this.#keyPackage
    if (this.#state !== undefined) {
      // A group that follows on the one that there is.
      const join = this.#isReinitialised() ? joinGroupFromReinit : joinGroupFromBranch
      this.#state = await join(
        this.#state, welcome, publicPackage, privatePackage, decodeTree(tree), ...(this.#isReinitialised() ? [] : [this.#suite]))
    } else {
      this.#state = await joinGroup(
        welcome, publicPackage, privatePackage, this.#pskIndex(), this.#suite, decodeTree(tree))
    }
    return ""
  }

  #isReinitialised() {
    return this.#state.groupActiveState.kind === "suspendedPendingReinit"
  }

  // Goes over to a group that was made of this one; the Welcome for the others.
  #follow(result) {
    this.#adopt(result)
    return encodeMessage("mls_welcome", { welcome: result.welcome })
  }

  #readKeyPackages(line) {
    const keyPackages = []
    while (!line.atEnd) keyPackages.push(decodeMessage("mls_key_package", line.bytes()).keyPackage)
    return keyPackages
  }

  async branch(groupId, line) {
    const { publicPackage, privatePackage } = await this.#makeKeyPackage()
    return this.#follow(await branchGroup(
      this.#state, publicPackage, privatePackage, this.#readKeyPackages(line), groupId, this.#suite))
  }

  async reinitialize(line) {
    const { publicPackage, privatePackage } = await this.#makeKeyPackage()
    const { groupId, cipherSuite, extensions } = this.#state.groupActiveState.reinit
    return this.#follow(await reinitCreateNewGroup(
      this.#state, publicPackage, privatePackage, this.#readKeyPackages(line), groupId, cipherSuite, extensions))
  }

  async joinExternal(message, tree, resync) {
    const { groupInfo } = decodeMessage("mls_group_info", message)
    const { publicPackage, privatePackage } = await this.#makeKeyPackage()
    const { publicMessage, newState } = await joinGroupExternal(
      groupInfo, publicPackage, privatePackage, resync, this.#suite, decodeTree(tree))
    this.#pending = { newState, consumed: [] }
    return encodeMessage("mls_public_message", { publicMessage })
  }

  async groupInfo(withTree) {
    const make = withTree ? createGroupInfoWithExternalPubAndRatchetTree : createGroupInfoWithExternalPub
    return encodeMessage("mls_group_info", { groupInfo: await make(this.#state, [], this.#suite) })
  }

  tree() {
    return bytes(encodeRatchetTree(this.#state.ratchetTree))
  }

  #readProposal(line) {
    const type = line.word()
    switch (type) {
      case "add":
        return { proposalType: "add", add: decodeMessage("mls_key_package", line.bytes()) }
      case "remove":
        return { proposalType: "remove", remove: { removed: line.number() } }
      case "psk": {
        const pskNonce = this.#suite.rng.randomBytes(this.#suite.kdf.size)
        const preSharedKeyId = { psktype: "external", pskId: line.bytes(), pskNonce }
        return { proposalType: "psk", psk: { preSharedKeyId } }
      }
      case "extensions":
        return { proposalType: "group_context_extensions", groupContextExtensions: { extensions: readExtensions(line) } }
      case "reinit": {
        const groupId = line.bytes()
        const reinit = { groupId, version: "mls10", cipherSuite: suiteName(line.number()), extensions: [] }
        return { proposalType: "reinit", reinit }
      }
      case "self_remove":
      case "app_data":
        throw new Unsupported("nothing of draft-ietf-mls-extensions")
      case "update":
        throw new Unsupported("no call makes the LeafNode of an Update, or keeps its private key")
      default:
        throw new Error(`no such proposal: ${type}`)
    }
  }

  async askToJoin(line) {
    const { publicPackage, privatePackage } = this.#keyPackage
    const message = await proposeAddExternal(readOutside(line), publicPackage, privatePackage, this.#suite)
    return bytes(encodeMlsMessage(message))
  }

  async proposeExternal(line) {
    const { publicKey, signKey } = this.#signatureKeys
    const message = await proposeExternal(
      readOutside(line), this.#readProposal(line), publicKey, signKey, this.#suite)
    return bytes(encodeMlsMessage(message))
  }

  async propose(isPublic, line) {
    const result = await createProposal(this.#state, isPublic, this.#readProposal(line), this.#suite)
    this.#adopt(result)
    return bytes(encodeMlsMessage(result.message))
  }

  // A Commit without proposals has a path; no other can be made to have one.
  #readProposals(line) {
    const proposals = []
    let forcePath = false
    while (!line.atEnd) {
      if (line.has("path")) forcePath = true
      else proposals.push(this.#readProposal(line))
    }
    if (forcePath && (proposals.length > 0 || Object.keys(this.#state.unappliedProposals).length > 0))
      throw new Unsupported("no Commit with proposals can be made to have a path")
    return proposals
  }

  async commit(isPublic, withTree, line) {
    const context = { state: this.#state, cipherSuite: this.#suite, pskIndex: this.#pskIndex() }
    const result = await createCommit(context, {
      wireAsPublicMessage: isPublic,
      ratchetTreeExtension: withTree,
      extraProposals: this.#readProposals(line),
    })
    this.#pending = result
    const welcome = result.welcome === undefined ? "-" : encodeMessage("mls_welcome", { welcome: result.welcome })
    return `${bytes(encodeMlsMessage(result.commit))} ${welcome}`
  }

  merge() {
    this.#adopt(this.#pending)
    this.#pending = undefined
    return ""
  }

  // Not with processMessage(), which knows no PSK in a PrivateMessage.
  async #process(message) {
    switch (message.wireformat) {
      case "mls_private_message":
        return processPrivateMessage(this.#state, message.privateMessage, this.#pskIndex(), this.#suite, acceptAll)
      case "mls_public_message":
        return processPublicMessage(this.#state, message.publicMessage, this.#pskIndex(), this.#suite, acceptAll)
      default:
        throw new Error(`a ${message.wireformat}`)
    }
  }

  async receive(encoded) {
    const result = await this.#process(decodeAll(decodeMlsMessage, encoded))
    const { epoch } = this.#state.groupContext
    this.#adopt(result)
    if (this.#state.groupContext.epoch !== epoch) this.#pending = undefined
    if (result.kind === "applicationMessage") return `application ${bytes(result.message)}`
    if (this.#state.groupActiveState.kind === "removedFromGroup") return "removed"
    return this.#state.groupContext.epoch === epoch ? "proposal" : "commit"
  }

  async encrypt(data, authenticatedData) {
    const result = await createApplicationMessage(this.#state, data, this.#suite, authenticatedData)
    this.#adopt(result)
    return encodeMessage("mls_private_message", { privateMessage: result.privateMessage })
  }

  state() {
    const { groupContext, keySchedule, privatePath, ratchetTree } = this.#state
    const members = ratchetTree.flatMap((node, index) =>
      node?.nodeType === "leaf" ? [` ${index / 2}=${new TextDecoder().decode(node.leaf.credential.identity)}`] : [])
    return `${groupContext.epoch} ${privatePath.leafIndex} ${bytes(keySchedule.epochAuthenticator)}${members.join("")}`
  }

  async export(label, context, length) {
    const { exporterSecret } = this.#state.keySchedule
    return bytes(await mlsExporter(exporterSecret, label, context, length, this.#suite))
  }
}
