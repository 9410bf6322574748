// A new user's path, as the README tells it: sign in, change a plugin's setting, have it approved, see a decision change. Its pictures are
// those of the README. Each is small: what a page looks like, in few colours.
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HERE, close, open, signIn, BASE } from './visitor.mjs'

const KEPT = process.env.HEARTH_TOUR
const LARGEST = 60_000
const SIZE = { width: 720, height: 460 }
mkdirSync(KEPT, { recursive: true })
const began = Date.now()

async function picture(page, name, at) {
  if (at) await page.locator(at).first().scrollIntoViewIfNeeded()
  const path = join(KEPT, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  const { size } = statSync(path)
  assert.ok(size <= LARGEST, `${name}.png has ${size} bytes`)
  console.log(`${name}.png  ${size} bytes`)
}

const first = await (await open()).newContext({ baseURL: BASE, viewport: SIZE })
const door = await first.newPage()
await door.goto('/sign-in')
await picture(door, '1-sign-in')
await first.close()

const { context: hers, page: olwen } = await signIn('data manager', { viewport: SIZE })
const decided = async () => {
  await olwen.goto(`${HERE}/families?name=Stanbury`)
  await olwen.locator('main a[href*="/families/"]').first().click()
  await olwen.getByRole('link', { name: 'Ask the rules' }).click()
  await olwen.fill('#as_of-day', '31')
  await olwen.fill('#as_of-month', '8')
  await olwen.fill('#as_of-year', '2026')
  await olwen.getByRole('button', { name: 'Ask' }).click()
  await olwen.waitForURL(/\/decisions\//)
  return olwen.locator('main').textContent()
}
assert.match(await decided(), /The plan asks for 90%/)

await olwen.goto(`${HERE}/plugins`)
await olwen.getByRole('link', { name: 'bristol-outcomes' }).first().click()
await olwen.getByRole('link', { name: 'Change its settings' }).click()
await olwen.fill('#attendance-percent', '95')
await picture(olwen, '2-the-setting', '#attendance-percent')
await olwen.getByRole('button', { name: 'Save' }).click()
assert.match(await olwen.locator('main').textContent(), /Proposed/)
const proposed = olwen.url()
await picture(olwen, '3-proposed')

const { context: others, page: helen } = await signIn('plugin reviewer', { viewport: SIZE })
await helen.goto(proposed)
await helen.getByRole('link', { name: 'Let it decide' }).first().click()
await helen.getByRole('button', { name: 'Let it decide', exact: true }).click()
assert.match(await helen.locator('.govuk-notification-banner').textContent(), /It decides from now on/)
await picture(helen, '4-it-decides')
await others.close()

const now = await decided()
assert.match(now, /The plan asks for 95%/)
assert.doesNotMatch(now, /The plan asks for 90%/)
await picture(olwen, '5-the-decision', 'text=The plan asks for 95%')
await hers.close()
await close()
console.log(`from the door to the other decision: ${((Date.now() - began) / 1000).toFixed(1)} s`)
