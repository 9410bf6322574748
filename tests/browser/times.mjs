// How long the host takes for each kind of page that each role's links lead to, by its own clock (`Server-Timing`: what the way there and the
// browser take is not in it): ROUNDS requests of each, one after the other. Prints the median and the 95th hundredth of each, how often the
// page asked the API and how many bytes went over the wire, the slowest first. No verdict: these are figures.
import { writeFileSync } from 'node:fs'
import { BASE, HERE, PEOPLE, close, visit } from './visitor.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 40)
const SHOWN = Number(process.env.SHOWN ?? 60)
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}|sha256(:|%3A)[0-9a-f]{64}|(?<=\/)\d+(?=\/|$)/g
const kind = (path) => path.replace(ID, '…').replace(/\?.*$/, '')
const isPage = (path) => path === HERE || path === '/me' || path.startsWith(`${HERE}/`)

// `page;dur=12.30, api;dur=10.10;desc="4"`
const timing = (answer) => {
  const told = answer.headers.get('server-timing') ?? ''
  const found = told.match(/page;dur=([\d.]+), api;dur=([\d.]+);desc="(\d+)"/)
  if (!found) throw new Error(`the host does not say how long it took: ${told}`)
  return { took: Number(found[1]), waited: Number(found[2]), calls: Number(found[3]) }
}
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]

const rows = []
for (const role of Object.keys(PEOPLE)) {
  const { context } = await visit(role)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  await context.close()
  const ask = async (path) => {
    const answer = await fetch(BASE + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' })
    const text = await answer.text()
    return { ...timing(answer), text, status: answer.status, kind: answer.headers.get('content-type') ?? '' }
  }
  const found = new Map([[kind(HERE), HERE]])
  const looked = new Set()
  for (;;) {
    const next = [...found].find(([k]) => !looked.has(k))
    if (!next || looked.size > 120) break
    const [k, path] = next
    looked.add(k)
    const times = []
    let last
    for (let i = 0; i < ROUNDS; i += 1) {
      last = await ask(path)
      if (last.status >= 400) console.error(`${role} ${path}: ${last.status}`)
      times.push(last.took)
      if (last.status >= 300) break
    }
    times.sort((a, b) => a - b)
    if (last.status < 300) {
      rows.push({ role, page: k, median: at(times, 0.5), p95: at(times, 0.95), calls: last.calls, characters: last.text.length })
    }
    if (!last.kind.startsWith('text/html')) continue
    for (const [, href] of last.text.matchAll(/<a [^>]*href="([^"]*)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), BASE + path)
      if (url.origin === BASE && isPage(url.pathname) && !found.has(kind(url.pathname))) found.set(kind(url.pathname), url.pathname + url.search)
    }
  }
}
await close()
rows.sort((a, b) => b.p95 - a.p95)
console.log('    95th ms  median ms  API  characters  role              page')
for (const { role, page, median, p95, calls, characters } of rows.slice(0, SHOWN)) {
  console.log(`${p95.toFixed(1).padStart(11)} ${median.toFixed(1).padStart(10)} ${String(calls).padStart(4)} ${String(characters).padStart(11)}  ${role.padEnd(16)}  ${page}`)
}
const slow = rows.filter((r) => r.p95 > 50).length
const most = rows.reduce((a, b) => (b.calls > a.calls ? b : a))
console.log(`${rows.length} pages of ${Object.keys(PEOPLE).length} roles; ${slow} over 50 ms in 95 of 100; most calls: ${most.calls} (${most.page})`)
writeFileSync(`${process.env.HEARTH_PICTURES}/times.json`, JSON.stringify(rows, null, 1))
