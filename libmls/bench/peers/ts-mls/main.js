// ts-mls behind the line protocol of ../README.md.

import { Client } from "./client.js"
import { serve } from "./line.js"
import { version } from "./manifest.js"
import { PROVIDER } from "./provider.js"

const clients = new Map()

function library() {
  return `ts-mls ${version()}, ${PROVIDER}, Node.js ${process.versions.node}`
}

// The rest of the line is the files, or before them a number, that the command wants.
async function runFor(client, command, line) {
  switch (command) {
    case "key_package": return client.keyPackage(line.word())
    case "create": return client.create(line.word(), line.word(), line.word())
    case "join": return client.join(line.word(), line.atEnd ? undefined : line.word())
    case "join_external":
      return client.joinExternal(line.word(), line.word(), line.atEnd ? undefined : line.word())
    case "group_info": return client.groupInfo(line.word())
    case "commit": return client.commit(line.word())
    case "add": return client.add(line.word(), line.word(), line.word())
    case "remove": return client.remove(line.number(), line.word())
    case "process": return client.process(line.word())
    case "encrypt": return client.encrypt(line.number(), line.word())
    case "decrypt": return client.decrypt(line.word())
    case "snapshot": return client.snapshot()
    case "restore": return client.restore()
    case "save": return client.save(line.word())
    case "load": return client.load(line.word())
    case "state": return client.state()
    default: throw new Error(`no such command: ${command}`)
  }
}

// Runs one command; what it answers follows "ok".
async function run(line) {
  const command = line.word()
  if (command === "library") return library()
  const name = line.word()
  if (command === "client") {
    clients.set(name, await Client.create(name, line.number()))
    return ""
  }
  if (command === "forget") {
    clients.delete(name)
    return ""
  }
  const client = clients.get(name)
  if (client === undefined) throw new Error("no such client")
  return runFor(client, command, line)
}

await serve(run)
