// How long the host takes for each kind of page that each role's links lead to: ROUNDS requests of each, one after the other, from within
// the machine. Prints the median and the 95th hundredth of each, the slowest first. No verdict: these are figures.
import { writeFileSync } from 'node:fs'
import { BASE, HERE, PEOPLE, close, visit } from './visitor.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 40)
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}|sha256(:|%3A)[0-9a-f]{64}/g
const kind = (path) => path.replace(ID, '…').replace(/\?.*$/, '')
const isPage = (path) => path === HERE || path === '/me' || path.startsWith(`${HERE}/`)

const rows = []
for (const role of Object.keys(PEOPLE)) {
  const { context } = await visit(role)
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  await context.close()
  const ask = async (path) => {
    const began = performance.now()
    const answer = await fetch(BASE + path, { headers: { cookie, accept: 'text/html' } })
    const text = await answer.text()
    return { took: performance.now() - began, text, status: answer.status }
  }
  const found = new Map([[kind(HERE), HERE]])
  const looked = new Set()
  for (;;) {
    const next = [...found].find(([k]) => !looked.has(k))
    if (!next || looked.size > 120) break
    const [k, path] = next
    looked.add(k)
    const times = []
    let text = ''
    for (let i = 0; i < ROUNDS; i += 1) {
      const answer = await ask(path)
      if (answer.status !== 200) console.error(`${role} ${path}: ${answer.status}`)
      times.push(answer.took)
      text = answer.text
    }
    times.sort((a, b) => a - b)
    rows.push({ role, page: k, median: times[Math.floor(ROUNDS / 2)], p95: times[Math.floor(ROUNDS * 0.95)] })
    for (const [, href] of text.matchAll(/<a [^>]*href="([^"]*)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), BASE + path)
      if (url.origin === BASE && isPage(url.pathname) && !found.has(kind(url.pathname))) found.set(kind(url.pathname), url.pathname + url.search)
    }
  }
}
await close()
rows.sort((a, b) => b.p95 - a.p95)
for (const { role, page, median, p95 } of rows.slice(0, 40)) {
  console.log(`${p95.toFixed(1).padStart(8)} ms  ${median.toFixed(1).padStart(8)} ms  ${role.padEnd(16)} ${page}`)
}
const slow = rows.filter((r) => r.p95 > 50).length
console.log(`${rows.length} pages of ${Object.keys(PEOPLE).length} roles; ${slow} over 50 ms in 95 of 100 (first column), medians in the second`)
writeFileSync(`${process.env.HEARTH_PICTURES}/times.json`, JSON.stringify(rows, null, 1))
