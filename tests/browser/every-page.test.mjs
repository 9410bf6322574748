// Every page that each role's links lead to, once a kind of page: no barrier that axe finds, nothing wider than a small screen, there without
// scripts too, small, and made in time.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { BASE, HERE, PEOPLE, close, visit } from './visitor.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const MOST_BYTES = 200_000
const MOST_PAGES = 120
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}|sha256:[0-9a-f]{64}|sha256%3A[0-9a-f]{64}/g

after(close)

// Two addresses are one kind of page where they differ in ids and in what was asked.
const kind = (path) => path.replace(ID, '…').replace(/\?.*$/, '')

const isPage = (path) => path === '/' || path === '/me' || path.startsWith(`${HERE}/`) || path === HERE

async function look(page, role, path, found) {
  const faults = []
  let bytes = 0
  const counted = (answer) => answer.request().sizes().then((s) => { bytes += s.responseBodySize + s.responseHeadersSize }, () => {})
  const said = (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`)
  const broke = (error) => faults.push(`script: ${error.message}`)
  page.on('response', counted)
  page.on('console', said)
  page.on('pageerror', broke)
  const answer = await page.goto(path)
  if (answer.status() >= 400) faults.push(`status ${answer.status()}`)
  await page.waitForLoadState('networkidle')
  page.off('response', counted)
  if (bytes > MOST_BYTES) faults.push(`${bytes} bytes`)
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  for (const v of violations) faults.push(`axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120)).join(' | ')}`)
  await page.screenshot({ path: join(process.env.HEARTH_PICTURES, `${role} ${kind(path)}`.replaceAll(/[^a-z0-9]+/gi, '-') + '.png'), fullPage: true })
  await page.setViewportSize({ width: 320, height: 700 })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  if (wide > 320) faults.push(`${wide} px wide on a screen of 320`)
  await page.setViewportSize({ width: 1000, height: 900 })
  page.off('console', said)
  page.off('pageerror', broke)
  const links = await page.$$eval('a[href]', (all) => all.map((a) => a.getAttribute('href')))
  for (const link of links) {
    const url = new URL(link, `${BASE}${path}`)
    if (url.origin === BASE && isPage(url.pathname) && !found.has(kind(url.pathname))) found.set(kind(url.pathname), url.pathname + url.search)
  }
  return faults
}

for (const role of Object.keys(PEOPLE)) {
  test(`every page of the ${role}`, async () => {
    const { context, page } = await visit(role, { bypassCSP: false })
    const bare = await visit(role, { javaScriptEnabled: false })
    const found = new Map([[kind(HERE), HERE], ['/me', '/me']])
    const looked = new Set()
    const wrong = []
    for (;;) {
      const next = [...found].find(([k]) => !looked.has(k))
      if (!next || looked.size >= MOST_PAGES) break
      const [k, path] = next
      looked.add(k)
      for (const fault of await look(page, role, path, found)) wrong.push(`${path}: ${fault}`)
      const answer = await bare.page.goto(path)
      const heading = await bare.page.locator('h1').first().textContent()
      if (answer.status() >= 400 || !heading?.trim()) wrong.push(`${path}: without scripts: ${answer.status()}`)
    }
    await context.close()
    await bare.context.close()
    assert.deepEqual(wrong, [])
    assert.ok(looked.size >= 3, `only ${[...looked]}`)
    console.log(`  ${role}: ${looked.size} kinds of page`)
  })
}
