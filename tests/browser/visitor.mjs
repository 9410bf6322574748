// Somebody with a browser, who signs in as people do: by a code that came by e-mail.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export const BASE = process.env.HEARTH_BASE
export const HERE = '/E06000023'
const LETTERS = process.env.HEARTH_LETTERS

export const PEOPLE = {
  manager: 'miriam.hallett@example.org',
  keyworker: 'priya.nair@example.org',
  'charity worker': 'tom.adeyemi@example.org',
  'charity manager': 'grace.mbeki@example.org',
  coordinator: 'dev.chandra@example.org',
  'data manager': 'olwen.pryce@example.org',
  commissioner: 'rachel.stone@example.org',
  'plugin author': 'sam.okafor@example.org',
  'plugin reviewer': 'helen.marsh@example.org',
  administrator: 'nadia.rahman@example.org',
}

let browser
const cookies = new Map()

export async function open() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  return browser
}

export async function close() {
  await browser?.close()
  browser = undefined
}

// What a letter to an address says that was written since.
export async function fromLetter(address, since, pattern) {
  for (let tries = 0; tries < 100; tries += 1) {
    const letters = readdirSync(LETTERS)
      .map((name) => join(LETTERS, name))
      .filter((path) => statSync(path).mtimeMs >= since)
      .map((path) => readFileSync(path, 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '=')) // quoted-printable
    for (const letter of letters) {
      const found = letter.includes(address) && letter.match(pattern)
      if (found) return found[0]
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no letter came to ${address}`)
}

// A browser of somebody who is not signed in.
export async function stranger(options = {}) {
  const context = await (await open()).newContext({ baseURL: BASE, viewport: { width: 1000, height: 900 }, ...options })
  context.setDefaultTimeout(5_000)
  return { context, page: await context.newPage() }
}

// A browser of somebody who has just signed in by hand.
export async function signIn(role, options = {}) {
  const { context, page } = await stranger(options)
  const since = Date.now() - 5
  await page.goto('/sign-in')
  await page.fill('#address', PEOPLE[role])
  await page.click('button:has-text("Send me a code")')
  await page.fill('#code', await fromLetter(PEOPLE[role], since, /\b(\d{6}|\d{3} \d{3})\b/))
  await page.click('button:has-text("Sign in")')
  cookies.set(role, await context.cookies())
  return { context, page }
}

// A browser of somebody who signed in before.
export async function visit(role, options = {}) {
  if (!cookies.has(role)) {
    const { context } = await signIn(role)
    await context.close()
  }
  const { context, page } = await stranger(options)
  await context.addCookies(cookies.get(role))
  return { context, page }
}

// The API as whoever is signed in on a page.
export const asking = (page) => async (path, data) => {
  const told = { method: data ? 'POST' : 'GET', data, headers: { 'sec-fetch-site': 'same-origin' } }
  const answer = await page.request.fetch(`${BASE}/v1/authorities${HERE}${path}`, told)
  if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`)
  return answer.json()
}

export const main = (page) => page.locator('main').textContent()
export const banner = (page) => page.locator('.govuk-notification-banner').textContent()
// What runs a plugin takes its time on a full machine.
export const press = (page, name) => page.getByRole('button', { name, exact: true }).click({ timeout: 120_000 })
export const follow = (page, name) => page.getByRole('link', { name, exact: typeof name === 'string' }).first().click()

// A day as a form asks for it.
export const parts = (day) => ({ day: String(day.getDate()), month: String(day.getMonth() + 1), year: String(day.getFullYear()) })
export async function fillDay(page, name, day) {
  for (const [part, value] of Object.entries(day)) await page.fill(`[id="${name}-${part}"]`, value)
}

// The demonstration's plugin as a newer version that says something else: its file with other words, each as long as what stood there.
export function newerPlugin(version, word) {
  const text = readFileSync(process.env.HEARTH_PLUGIN).toString('latin1')
  const newer = text.replaceAll('1.0.0', version).replace('Found when the family was engaged: {need}.', `${word} when the family was engaged: {need}.`)
  if (newer.length !== text.length || newer === text) throw new Error('the plugin is another than these tests know')
  return Buffer.from(newer, 'latin1')
}
