// ts-mls behind the line protocol of ../README.md.

import { Client } from "./client.js"
import { serve, Unsupported } from "./line.js"
import { version } from "./manifest.js"

const clients = new Map()

// Runs one command; what it answers follows "ok".
async function run(line) {
  const command = line.word()
  if (command === "library") return `ts-mls ${version()}`
  const name = line.word()
  if (command === "client") {
    clients.set(name, await Client.create(name, line.number(), line.has("grease")))
    return ""
  }
  const client = clients.get(name)
  if (client === undefined) throw new Error("no such client")
  switch (command) {
    case "key_package": return client.keyPackage()
    case "signature_key": return client.signatureKey()
    case "psk": return client.addPsk(line.bytes(), line.bytes())
    case "create": return client.create(line.bytes())
    case "join": return client.join(line.bytes(), line.bytes())
    case "join_external": return client.joinExternal(line.bytes(), line.bytes(), line.has("resync"))
    case "group_info": return client.groupInfo(line.choice("tree", "bare"))
    case "tree": return client.tree()
    case "branch": return client.branch(line.bytes(), line)
    case "reinitialize": return client.reinitialize(line)
    case "ask_to_join": return client.askToJoin(line)
    case "propose_external": return client.proposeExternal(line)
    case "propose": return client.propose(line.choice("public", "private"), line)
    case "commit": return client.commit(line.choice("public", "private"), line.choice("tree", "bare"), line)
    case "merge": return client.merge()
    case "receive": return client.receive(line.bytes())
    case "encrypt": return client.encrypt(line.bytes(), line.bytes())
    case "state": return client.state()
    case "export": return client.export(line.word(), line.bytes(), line.number())
    case "safe_export": throw new Unsupported("nothing of draft-ietf-mls-extensions")
    case "forget":
      clients.delete(name)
      return ""
    default: throw new Error(`no such command: ${command}`)
  }
}

await serve(run)
