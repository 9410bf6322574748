// What each role comes for, from one end to the other. It runs before every page is looked at: by then there is something on them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { HERE, asking, banner, close, fillDay, follow, fromLetter, main, parts, press, stranger, visit } from './visitor.mjs'

after(close)

// The charity is asked to help a family, as the demonstration asks it about its first.
async function anotherForTheCharity(reference) {
  const { context, page } = await visit('manager')
  const ask = asking(page)
  const family = (await ask(`/families?reference=${reference}`)).items[0].id
  const agreement = (await ask('/agreements')).items.find((a) => a.organisation === 'harbour-steps').id
  const service = (await ask('/services')).items.find((s) => s.organisation === 'harbour-steps').id
  await ask(`/families/${family}/shares`, { agreement, why: 'a mentor for the parents', how: 'a signed form', given_by: 'the mother' })
  const request = await ask(`/families/${family}/help-requests`, { kind: 'parenting' })
  // A commissioner may have signed others meanwhile.
  const contract = (await ask('/contracts')).items.find((c) => c.title.startsWith('Friendly faces')).id
  await ask(`/help-requests/${request.id}/referrals`, { service, contract, why: 'the mother asked for it' })
  await context.close()
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
    for (const of of javaScriptEnabled ? ['BR-0002', 'BR-0003'] : ['BR-0004']) await anotherForTheCharity(of)
    const { context, page } = await visit('charity manager', { javaScriptEnabled })
    const take = async () => {
      await page.goto(`${HERE}/our-work`)
      await page.locator('main table', { hasText: 'Referrals to answer' }).getByRole('link').first().click()
      await press(page, 'Answer')
      assert.match(await page.title(), /^Error: /)
      await page.locator('#accepted').check()
      await press(page, 'Answer')
      return page.url().split('?')[0]
    }
    const taken = await take()
    await follow(page, 'Tell of sessions')
    for (const end of ['first', 'last']) await fillDay(page, end, parts(new Date()))
    await page.fill('#offered', '2')
    await page.fill('#kept', '3')
    await press(page, 'Tell')
    assert.match(await page.title(), /^Error: /)
    await page.fill('#kept', '1')
    await press(page, 'Tell')
    assert.doesNotMatch(await page.title(), /^Error: /)
    await page.goto(taken)
    await follow(page, 'Report that it is over')
    await press(page, 'Report it')
    assert.match(await page.title(), /^Error: /)
    await page.locator('#completed').check()
    await fillDay(page, 'on', parts(new Date()))
    await page.fill('#words', 'They came nearly every week, and say that evenings are calmer.')
    await press(page, 'Report it')
    assert.match(await main(page), /Completed/)
    // One that is with them, and one that waits, are left to look at.
    if (!javaScriptEnabled) await take()
    await context.close()
  })

  test(`a commissioner sets a budget and signs a contract, ${how}`, async () => {
    const { context, page } = await visit('commissioner', { javaScriptEnabled })
    const name = javaScriptEnabled ? 'families-2026' : 'families-2027'
    await page.goto(`${HERE}/budgets`)
    await page.fill('#name', name)
    await press(page, 'Go on')
    await page.fill('#title', 'Help for families')
    await page.fill('#amount_pence', '50000')
    await fillDay(page, 'first', { day: '1', month: '4', year: '2026' })
    await fillDay(page, 'last', { day: '31', month: '3', year: '2027' })
    await press(page, 'Save')
    assert.doesNotMatch(await page.title(), /^Error: /)
    await page.goto(`${HERE}/contracts/new`)
    await page.fill('#title', 'A second helping')
    await press(page, 'Save')
    assert.match(await page.title(), /^Error: /)
    assert.equal(await page.inputValue('#title'), 'A second helping')
    await page.fill('#description', 'A mentor for parents who ask for one.')
    await page.selectOption('#provider', 'harbour-steps')
    await fillDay(page, 'first', { day: '1', month: '4', year: '2026' })
    await fillDay(page, 'last', { day: '31', month: '3', year: '2027' })
    await page.fill('#value_pence', '12000')
    await page.locator('#paid').check()
    await page.selectOption('#unit-1', { index: 1 })
    await page.fill('#price-1', '300')
    await page.selectOption('#budget', name)
    await page.selectOption('#installation', { label: 'haringey-partner-posts' })
    await press(page, 'Save')
    assert.match(await main(page), /Draft/)
    await press(page, 'Check of the terms')
    assert.match(await main(page), /What the rules said/)
    await page.fill('#why', 'A panel of three agreed to it.')
    await press(page, 'Sign it')
    assert.match(await main(page), /Signed/)
    await context.close()
  })

  test(`a charity's worker refers a family and adds to it, ${how}`, async () => {
    const { context, page } = await visit('charity worker', { javaScriptEnabled })
    await page.goto(`${HERE}/sent/new`)
    await page.fill('#words', 'The children are seldom at school, and the mother asks for help.')
    await press(page, 'Send it')
    assert.match(await page.title(), /^Error: /)
    assert.match(await page.inputValue('#words'), /seldom at school/)
    await page.locator('#route').check()
    await page.getByLabel('Children not attending school').check()
    await page.getByLabel('Yes', { exact: true }).check()
    await page.fill('#given-1', 'Josie')
    await page.fill('#family-1', 'Fairweather')
    await fillDay(page, 'born-1', { day: '31', month: '2', year: '2012' })
    await press(page, 'Send it')
    assert.match(await page.title(), /^Error: /)
    assert.equal(await page.locator('.govuk-error-summary a').first().getAttribute('href'), '#born-1')
    await fillDay(page, 'born-1', { day: '28', month: '2', year: '2012' })
    await press(page, 'Send it')
    assert.match(await banner(page), /with the front door/)
    await page.fill('#words', 'They have moved in with an aunt.')
    await press(page, 'Add it')
    assert.match(await banner(page), /added/i)
    await follow(page, 'Refer a family')
    assert.ok(await page.locator('main tbody tr').count())
    await context.close()
  })

  test(`a data manager sends a file and says who is meant, ${how}`, async () => {
    const { context, page } = await visit('data manager', { javaScriptEnabled })
    const [initial, born] = javaScriptEnabled ? ['P', '03/04/2020'] : ['A', '19/08/2013']
    const rows = [
      'Surname,Forename,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised',
      `Stanbury,${initial},${born},01/09/2026,23/10/2026,70,66,0`,
      `Stanbury,${initial},${born},yesterday,23/10/2026,70,66,0`,
    ]
    const fill = async (what) => {
      await page.selectOption('#mapping', 'attendance')
      await page.selectOption('#source', { index: 1 })
      await fillDay(page, 'first', { day: '1', month: '9', year: '2026' })
      await fillDay(page, 'last', { day: '23', month: '10', year: '2026' })
      await page.setInputFiles('#file', { name: 'attendance.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) })
      await page.getByLabel(what).check()
    }
    await page.goto(`${HERE}/intake/send`)
    await page.selectOption('#mapping', 'attendance')
    await press(page, 'Go on')
    assert.match(await page.title(), /^Error: /)
    await fill('Show what its first 50 rows')
    await press(page, 'Go on')
    assert.match(await main(page), /A person is asked/)
    assert.match(await main(page), /is not a date/)
    await fill('Take it in')
    await press(page, 'Go on')
    // With scripts the page looks again by itself.
    if (!javaScriptEnabled) for (let i = 0; i < 50 && !/is not a date/.test(await main(page)); i += 1) await page.reload()
    await page.getByText('is not a date').first().waitFor()
    assert.match(await main(page), /is not a date/)
    await page.goto(`${HERE}/intake/matches`)
    await page.locator('main tbody tr', { hasText: `${initial} Stanbury` }).getByRole('link').click()
    await press(page, 'Say so')
    assert.match(await page.title(), /^Error: /)
    await page.getByLabel(/^Candidate 1: /).check()
    await press(page, 'Say so')
    assert.doesNotMatch(await page.title(), /^Error: /)
    assert.equal(await page.locator('main tbody tr', { hasText: `${initial} Stanbury` }).count(), 0)
    await context.close()
  })

  test(`an administrator invites somebody, who comes, ${how}`, async () => {
    const { context, page } = await visit('administrator', { javaScriptEnabled })
    const [name, address] = javaScriptEnabled ? ['Bea Rowntree', 'bea.rowntree@example.org'] : ['Idris Vaughan', 'idris.vaughan@example.org']
    await page.goto(`${HERE}/administration/invitations`)
    await page.fill('#name', name)
    await page.fill('#address', 'nowhere')
    await press(page, 'Invite them')
    assert.match(await page.title(), /^Error: /)
    assert.equal(await page.inputValue('#name'), name)
    await page.fill('#address', address)
    await page.getByLabel('Keyworker', { exact: true }).check()
    const since = Date.now() - 5
    await press(page, 'Invite them')
    assert.match(await main(page), new RegExp(address))
    await context.close()

    const invited = await stranger({ javaScriptEnabled })
    await invited.page.goto(await fromLetter(address, since, /http:\S+\/sign-in\/invitation\?token=\S+/))
    assert.match(await main(invited.page), new RegExp(name))
    await press(invited.page, 'Accept and sign in')
    await invited.page.goto(`${HERE}/families`)
    assert.doesNotMatch(invited.page.url(), /sign-in/)
    await invited.context.close()
  })
}
