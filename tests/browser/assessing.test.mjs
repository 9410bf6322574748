// A whole assessment: every page of the form filled in, what is missing found, submitted, signed for the family and signed off. In Welsh with
// scripts, in English without.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { HERE, close, fillDay, follow, main, parts, press, visit } from './visitor.mjs'

after(close)

const WORDS = {
  cy: {
    title: /Asesiad cymorth cynnar y teulu cyfan/,
    required: 'Rhaid ateb hyn',
    tooFew: 'Rhaid cael o leiaf 1',
    goOn: 'Cadw a mynd ymlaen',
    add: /^Ychwanegu: /,
    submit: 'Ei gyflwyno',
    forFamily: 'Llofnodi ar ran y teulu',
    sign: 'Llofnodi ar eu rhan',
    error: /^Gwall/,
  },
  en: {
    title: /Early help assessment/i,
    required: 'This must be answered',
    tooFew: 'There must be at least 1',
    goOn: 'Save and go on',
    add: /^Add: /,
    submit: 'Submit it',
    forFamily: 'Sign it for the family',
    sign: 'Sign it for them',
    error: /^Error/,
  },
}

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

for (const [language, javaScriptEnabled] of [['cy', true], ['en', false]]) {
  const says = WORDS[language]
  test(`a keyworker fills in an assessment and the family signs it: ${language}, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
    const { context, page } = await visit('keyworker', { javaScriptEnabled })
    const today = new Date()
    const inSixWeeks = new Date(today.getTime() + 42 * 86_400_000)
    await page.goto(`${HERE}/families`)
    await page.locator('main a[href*="/families/"]').first().click()
    await follow(page, 'Assessments')
    await press(page, 'Begin')
    if (language === 'cy') await follow(page, 'Cymraeg')
    assert.match(await main(page), says.title)
    // First as somebody in a hurry: what is missing is said in their language, at its place.
    await page.locator('main a[href*="/check"]').first().click()
    assert.ok((await main(page)).includes(says.required))
    await page.goBack()
    await page.locator('main a[href*="/pages/"]').first().click()
    for (let i = 0; i < 40 && page.url().includes('/pages/'); i += 1) {
      if (await page.locator('[id^="review-on"]').count()) {
        for (const [part, value] of Object.entries(parts(inSixWeeks))) await page.locator(`[id^="review-on"][id$="-${part}"]`).fill(value)
      }
      await answerTheRest(page, parts(today))
      await press(page, says.goOn)
      assert.equal(await page.locator('html').getAttribute('lang'), language)
    }
    await page.locator('main a[href*="/check"]').first().click()
    // What is still missing is a link away; an answer may ask for another.
    const checked = page.url()
    for (let round = 0; round < 5; round += 1) {
      const missing = new Map()
      for (const link of await page.locator('.govuk-summary-list__row', { hasText: says.required }).getByRole('link').all()) {
        const [path, field] = (await link.getAttribute('href')).split('#')
        missing.set(path, [...(missing.get(path) ?? []), field])
      }
      const few = await page.locator('main p', { hasText: says.tooFew }).getByRole('link').all()
      for (const path of await Promise.all(few.map((link) => link.getAttribute('href')))) {
        await page.goto(path)
        await page.getByRole('button', { name: says.add }).first().click()
        await answerTheRest(page, parts(inSixWeeks))
        await press(page, says.goOn)
      }
      if (!missing.size && !few.length) break
      for (const [path, fields] of missing) {
        await page.goto(path)
        for (const field of fields) {
          const asked = page.locator(`[id="${field}"]`)
          if (['checkbox', 'radio'].includes(await asked.getAttribute('type'))) await asked.check()
          else await asked.fill('90')
        }
        await press(page, says.goOn)
      }
      await page.goto(checked)
    }
    await press(page, says.submit)
    assert.doesNotMatch(await page.title(), says.error)
    const assessment = new URL(page.url()).pathname
    await follow(page, says.forFamily)
    await page.locator('#people').check()
    await page.locator('#how').check()
    await fillDay(page, 'on', parts(today))
    await press(page, says.sign)
    assert.doesNotMatch(await page.title(), says.error)
    assert.equal(await page.locator('html').getAttribute('lang'), language)
    await context.close()

    const manager = await visit('manager', { javaScriptEnabled })
    await manager.page.goto(assessment)
    await press(manager.page, 'Sign it off')
    assert.match(await main(manager.page), /Signed off/)
    await manager.context.close()
  })
}
