// Hearth's API, typed. What each operation takes and answers is in `paths`, which is made from the host's own OpenAPI document.
import createClient, { type Client, type Middleware } from 'openapi-fetch'
import type { components, paths } from './api.js'

export type { components, paths }
/** What the API answers where it refuses (RFC 9457): `type` ends in a code that never changes, `field` names what is at fault. */
export type Problem = components['schemas']['Problem']

export interface Options {
  /** Where the host is, without a path: `https://hearth.example.org`. */
  host: string
  /** A token that is in force. Left out: the session of a page that the host itself serves. */
  token?: string
  /** Why families are read, where it is not the usual purpose of one's role. */
  purpose?: components['schemas']['Purpose']
}

/** A client of one host. Whatever creates something is sent with a key, so that sent again it is done once. */
export function hearth({ host, token, purpose }: Options): Client<paths> {
  const client = createClient<paths>({ baseUrl: host })
  const told: Middleware = {
    onRequest({ request }) {
      if (token) request.headers.set('authorization', `Bearer ${token}`)
      if (purpose) request.headers.set('hearth-purpose', purpose)
      if (request.method === 'POST' && !request.headers.has('idempotency-key')) {
        request.headers.set('idempotency-key', globalThis.crypto.randomUUID())
      }
      return request
    },
  }
  client.use(told)
  return client
}

/** Every item of a list, page by page as they are asked for. */
export async function* every<T>(page: (after: string | undefined) => Promise<{ items: T[]; next?: string | null }>): AsyncGenerator<T> {
  let after: string | undefined
  do {
    const { items, next } = await page(after)
    yield* items
    after = next ?? undefined
  } while (after !== undefined)
}
