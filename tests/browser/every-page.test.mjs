// Every page that each role's links lead to, once a kind of page: no barrier that axe finds, nothing wider than a small screen, there without
// scripts too, small, and made in time.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { BASE, HERE, PEOPLE, asking, close, visit } from './visitor.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const MOST_BYTES = 200_000
const MOST_PAGES = 120
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}|sha256:[0-9a-f]{64}|sha256%3A[0-9a-f]{64}/g

after(close)

// Something to look at in the room of plugins: a proposal beside the one that decides, a trial of it, and a trial grant that is asked for.
before(async () => {
  const { context, page } = await visit('data manager')
  const ask = asking(page)
  const active = (await ask('/installations')).items.find((i) => i.decides.includes('outcomes'))
  const { plugin, grants, settings } = active
  const proposed = await ask('/installations', { plugin, grants, settings: { ...settings, 'attendance-percent': 99 } })
  await ask('/back-tests', { candidate: { installation: proposed.id }, question: 'progress', as_of: ['2026-08-31'] })
  const until = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
  await ask('/trial-grants', { plugin, interface: 'hearth:family/education', why: 'to see what it does', until, readers: [] })
  await ask(`/installations/${active.id}/settings-changes`, { settings: { ...settings, 'attendance-percent': 98 }, reason: 'a try' })
  await context.close()
})

// Two addresses are one kind of page where they differ in ids and in what was asked.
const kind = (path) =>
  path.replace(ID, '…').replace(/\?.*$/, '').replace(/\/review\/items\/[^/]+$/, '/review/items/…').replace(/\/\d+(?=\/|$)/g, '/…')

const isPage = (path) => path === '/' || path === '/me' || path.startsWith(`${HERE}/`) || path === HERE

async function look(page, open, role, path, found) {
  const faults = []
  let bytes = 0
  const sizes = []
  const counted = (answer) => sizes.push(answer.request().sizes().then((s) => { bytes += s.responseBodySize + s.responseHeadersSize }, () => {}))
  const said = (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`)
  const broke = (error) => faults.push(`script: ${error.message}`)
  page.on('response', counted)
  page.on('console', said)
  page.on('pageerror', broke)
  const done = () => {
    page.off('response', counted)
    page.off('console', said)
    page.off('pageerror', broke)
  }
  let answer
  try {
    answer = await page.goto(path)
  } catch (error) {
    done()
    if (!/Download is starting/.test(error.message)) throw error
    const file = await page.context().request.get(path)
    return file.ok() ? [] : [`a file that does not come: ${file.status()}`]
  }
  // A page to print allows no script at all, ours included: it is looked at with that rule set aside.
  const policy = answer.headers()['content-security-policy'] ?? ''
  if (/\bsandbox\b/.test(policy) && !/allow-scripts/.test(policy) && page !== open) {
    done()
    return look(open, open, role, path, found)
  }
  if (answer.status() >= 400) faults.push(`status ${answer.status()}`)
  await Promise.race([Promise.all(sizes), page.waitForTimeout(2_000)])
  if (bytes > MOST_BYTES) faults.push(`${bytes} bytes`)
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  for (const v of violations) faults.push(`axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120)).join(' | ')}`)
  await page.screenshot({ path: join(process.env.HEARTH_PICTURES, `${role} ${kind(path)}`.replaceAll(/[^a-z0-9]+/gi, '-') + '.png'), fullPage: true })
  await page.setViewportSize({ width: 320, height: 700 })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  if (wide > 320) faults.push(`${wide} px wide on a screen of 320`)
  await page.setViewportSize({ width: 1000, height: 900 })
  done()
  const links = await page.$$eval('a[href]:not([download])', (all) => all.map((a) => a.getAttribute('href')))
  for (const link of links) {
    const url = new URL(link, `${BASE}${path}`)
    if (url.origin === BASE && isPage(url.pathname) && !found.has(kind(url.pathname))) found.set(kind(url.pathname), url.pathname + url.search)
  }
  return faults
}

// ROLE=manager: one role alone. SAY=1: each page as it is looked at.
for (const role of Object.keys(PEOPLE).filter((each) => !process.env.ROLE || each === process.env.ROLE)) {
  test(`every page of the ${role}`, async () => {
    const { context, page } = await visit(role)
    const open = await visit(role, { bypassCSP: true })
    const bare = await visit(role, { javaScriptEnabled: false })
    const found = new Map([[kind(HERE), HERE], ['/me', '/me']])
    const looked = new Set()
    const wrong = []
    for (;;) {
      const next = [...found].find(([k]) => !looked.has(k))
      if (!next || looked.size >= MOST_PAGES) break
      const [k, path] = next
      looked.add(k)
      if (process.env.SAY) console.log(path)
      for (const fault of await look(page, open.page, role, path, found)) wrong.push(`${path}: ${fault}`)
      const answer = await bare.page.goto(path).catch(() => undefined) // a file: it was looked at above
      const heading = answer && await bare.page.locator('h1').first().textContent()
      if (answer && (answer.status() >= 400 || !heading?.trim())) wrong.push(`${path}: without scripts: ${answer.status()}`)
    }
    await context.close()
    await open.context.close()
    await bare.context.close()
    assert.deepEqual(wrong, [])
    assert.ok(looked.size >= 3, `only ${[...looked]}`)
    console.log(`  ${role}: ${looked.size} kinds of page`)
  })
}
