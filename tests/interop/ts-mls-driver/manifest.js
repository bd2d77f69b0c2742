import { readFileSync } from "node:fs"

// The version of ts-mls that is installed.
export function version() {
  const file = new URL("node_modules/ts-mls/package.json", import.meta.url)
  return JSON.parse(readFileSync(file, "utf8")).version
}
