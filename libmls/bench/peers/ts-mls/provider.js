// What ts-mls runs on here.

import { defaultCryptoProvider, nobleCryptoProvider } from "ts-mls"

export const PROVIDER = "WebCrypto, hashes of @noble"

// Either provider alone is slower: a hash by WebCrypto costs more to call than to compute, and @noble has everything
// else in JavaScript.
export async function implementSuite(suite) {
  const { hash } = await nobleCryptoProvider.getCiphersuiteImpl(suite)
  return { ...(await defaultCryptoProvider.getCiphersuiteImpl(suite)), hash }
}
