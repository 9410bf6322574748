// What each role comes for, from one end to the other. It runs before every page is looked at: by then there is something on them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { HERE, close, visit } from './visitor.mjs'

after(close)

const main = (page) => page.locator('main').textContent()
const banner = (page) => page.locator('.govuk-notification-banner').textContent()
// What runs a plugin takes its time on a full machine.
const press = (page, name) => page.getByRole('button', { name, exact: true }).click({ timeout: 120_000 })
const follow = (page, name) => page.getByRole('link', { name, exact: typeof name === 'string' }).first().click()

// Of every question of a page that nobody answered: the first choice, or something that fits.
async function answerTheRest(page, today) {
  const form = page.locator('main form').first()
  const open = await form.locator('input[type=radio]').evaluateAll((all) => {
    const answered = new Set(all.filter((r) => r.checked).map((r) => r.name))
    return [...new Set(all.filter((r) => r.offsetParent && !answered.has(r.name)).map((r) => r.name))]
  })
  for (const name of open) await form.locator(`input[type=radio][name="${name}"]`).first().check()
  for (const select of await form.locator('select:visible').all()) if (!(await select.inputValue())) await select.selectOption({ index: 1 })
  for (const [part, value] of Object.entries(today)) {
    for (const input of await form.locator(`input[id$="-${part}"]:visible`).all()) if (!(await input.inputValue())) await input.fill(value)
  }
  for (const by of await form.locator('input[id$="-by"]:visible').all()) if (!(await by.inputValue())) await by.fill('Yvonne Stanbury')
  // What the page said is missing.
  for (const link of await page.locator('.govuk-error-summary a').all()) {
    const field = page.locator(`[id="${(await link.getAttribute('href')).slice(1)}"]`)
    if ((await field.getAttribute('type')) === 'checkbox') await field.check()
    else if (!(await field.inputValue())) await field.fill('1')
  }
}

for (const [javaScriptEnabled, row, reference] of [[true, 'Urgent', null], [false, 'Children not attending school', 'BR-0101']]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'

  test(`a coordinator answers a referral from the front door, ${how}`, async () => {
    const { context, page } = await visit('coordinator', { javaScriptEnabled })
    await page.goto(`${HERE}/referrals`)
    await page.locator('tbody tr', { hasText: row }).getByRole('link').first().click()
    if (reference) {
      await follow(page, 'Say whom it is about')
      await press(page, 'It is about them')
      assert.match(await page.title(), /^Error: /)
      await page.getByLabel('A family that is new here').check()
      await page.fill('#reference', reference)
      await press(page, 'It is about them')
    }
    await press(page, 'Ask the rules')
    assert.match(await main(page), /The rules say: /)
    // The rules are set aside, which needs a reason.
    await follow(page, 'Decide otherwise, with a reason')
    await page.locator('#answer').check()
    await press(page, 'Decide so')
    assert.match(await page.title(), /^Error: /)
    await page.fill('#reason', 'The school and the landlord both ask for somebody who sees the whole family.')
    await press(page, 'Decide so')
    assert.match(await main(page), /What became of it/)
    await context.close()
  })

  test(`a charity takes a family, tells of sessions and reports, ${how}`, async () => {
    const { context, page } = await visit('charity manager', { javaScriptEnabled })
    await page.goto(`${HERE}/our-work`)
    await page.locator('main a[href*="/our-work/"]').first().click()
    if (javaScriptEnabled) {
      await press(page, 'Answer')
      assert.match(await page.title(), /^Error: /)
      await page.locator('#accepted').check()
      await press(page, 'Answer')
      assert.match(await main(page), /Tell of sessions/)
    } else {
      await follow(page, 'Tell of sessions')
      const today = new Date()
      for (const end of ['first', 'last']) {
        await page.fill(`#${end}-day`, String(today.getDate()))
        await page.fill(`#${end}-month`, String(today.getMonth() + 1))
        await page.fill(`#${end}-year`, String(today.getFullYear()))
      }
      await page.fill('#offered', '2')
      await page.fill('#kept', '3')
      await press(page, 'Tell')
      assert.match(await page.title(), /^Error: /)
      await page.fill('#kept', '1')
      await press(page, 'Tell')
      assert.doesNotMatch(await page.title(), /^Error: /)
    }
    await context.close()
  })

  test(`a commissioner sets a budget and drafts a contract, ${how}`, async () => {
    const { context, page } = await visit('commissioner', { javaScriptEnabled })
    const name = javaScriptEnabled ? 'families-2026' : 'families-2027'
    await page.goto(`${HERE}/budgets`)
    await page.fill('#name', name)
    await press(page, 'Go on')
    await page.fill('#title', 'Help for families')
    await page.fill('#amount_pence', '50000')
    for (const [end, day, month, year] of [['first', '1', '4', '2026'], ['last', '31', '3', '2027']]) {
      for (const [part, value] of [['day', day], ['month', month], ['year', year]]) await page.fill(`#${end}-${part}`, value)
    }
    await press(page, 'Save')
    assert.doesNotMatch(await page.title(), /^Error: /)
    await page.goto(`${HERE}/contracts/new`)
    await page.fill('#title', 'A second helping')
    await press(page, 'Save')
    assert.match(await page.title(), /^Error: /)
    assert.equal(await page.inputValue('#title'), 'A second helping')
    await context.close()
  })
}

test('a keyworker fills in an assessment in Welsh, and the family signs it', async () => {
  const { context, page } = await visit('keyworker')
  const parts = (day) => ({ day: String(day.getDate()), month: String(day.getMonth() + 1), year: String(day.getFullYear()) })
  const today = new Date()
  const inSixWeeks = new Date(today.getTime() + 42 * 86_400_000)
  await page.goto(`${HERE}/families`)
  await page.locator('main a[href*="/families/"]').first().click()
  await follow(page, 'Assessments')
  await press(page, 'Begin')
  await follow(page, 'Cymraeg')
  assert.match(await main(page), /Asesiad cymorth cynnar y teulu cyfan/)
  // First as somebody in a hurry: what is missing is said in Welsh, at its place.
  await page.locator('main a[href*="/check"]').first().click()
  assert.match(await main(page), /Rhaid ateb hyn/)
  await page.goBack()
  await page.locator('main a[href*="/pages/"]').first().click()
  for (let i = 0; i < 40 && page.url().includes('/pages/'); i += 1) {
    if (await page.locator('[id^="review-on"]').count()) {
      for (const [part, value] of Object.entries(parts(inSixWeeks))) await page.locator(`[id^="review-on"][id$="-${part}"]`).fill(value)
    }
    await answerTheRest(page, parts(today))
    await press(page, 'Cadw a mynd ymlaen')
    assert.equal(await page.locator('html').getAttribute('lang'), 'cy')
  }
  await page.locator('main a[href*="/check"]').first().click()
  // What is still missing is a link away; an answer may ask for another.
  const checked = page.url()
  for (let round = 0; round < 5; round += 1) {
    const missing = new Map()
    for (const link of await page.locator('.govuk-summary-list__row', { hasText: 'Rhaid ateb hyn' }).getByRole('link').all()) {
      const [path, field] = (await link.getAttribute('href')).split('#')
      missing.set(path, [...(missing.get(path) ?? []), field])
    }
    const few = await page.locator('main p', { hasText: 'Rhaid cael o leiaf 1' }).getByRole('link').all()
    for (const path of await Promise.all(few.map((link) => link.getAttribute('href')))) {
      await page.goto(path)
      await page.getByRole('button', { name: /^Ychwanegu: / }).first().click()
      await answerTheRest(page, parts(inSixWeeks))
      await press(page, 'Cadw a mynd ymlaen')
    }
    if (!missing.size && !few.length) break
    for (const [path, fields] of missing) {
      await page.goto(path)
      for (const field of fields) {
        const asked = page.locator(`[id="${field}"]`)
        if (['checkbox', 'radio'].includes(await asked.getAttribute('type'))) await asked.check()
        else await asked.fill('90')
      }
      await press(page, 'Cadw a mynd ymlaen')
    }
    await page.goto(checked)
  }
  await press(page, 'Ei gyflwyno')
  assert.doesNotMatch(await page.title(), /^Gwall/)
  console.log(page.url(), await main(page))
  await follow(page, 'Llofnodi ar ran y teulu')
  await page.locator('#people').check()
  await page.locator('#how').check()
  for (const [part, value] of Object.entries(parts(today))) await page.fill(`#on-${part}`, value)
  await press(page, 'Llofnodi ar eu rhan')
  console.log(await page.title(), await main(page))
  await context.close()
})
