// What people come to do, from the beginning to the end, with scripts and without, and by the keyboard alone.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { HERE, banner, close, fillDay, main, newerPlugin, press, signIn, visit } from './visitor.mjs'

after(close)

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'

  test(`a keyworker notes a contact on a phone, ${how}`, async () => {
    const { context, page } = await visit('keyworker', { javaScriptEnabled, viewport: { width: 360, height: 700 } })
    await page.goto(`${HERE}/families`)
    await page.locator('main a[href*="/families/"]').first().click()
    await page.getByRole('button', { name: 'Note a contact' }).click()
    // First as somebody in a hurry does it: it comes back, with what is wrong at its place.
    await page.fill('#minutes', '9999')
    await page.getByLabel('Visit at home').check()
    await page.getByRole('button', { name: 'Note it' }).click()
    assert.match(await page.title(), /^Error: /)
    await page.locator('.govuk-error-summary a').click()
    assert.equal(await page.locator('#minutes').inputValue(), '9999')
    await page.fill('#minutes', '45')
    await page.getByRole('button', { name: 'Note it' }).click()
    assert.match(await banner(page), /The contact is noted/)
    assert.match(await main(page), /Contact \(how: visit/)
    await context.close()
  })

  test(`a data manager changes a setting and sees it proposed, ${how}`, async () => {
    const { context, page } = await visit('data manager', { javaScriptEnabled })
    await page.goto(`${HERE}/plugins`)
    await page.getByRole('link', { name: 'bristol-outcomes' }).first().click()
    await page.getByRole('link', { name: 'Change its settings' }).click()
    await page.fill('#attendance-percent', '950')
    await page.getByRole('button', { name: 'Save' }).click()
    assert.match(await page.title(), /^Error: /)
    await page.fill('#attendance-percent', '95')
    await page.getByRole('button', { name: 'Save' }).click()
    assert.match(await main(page), /Proposed/)
    await context.close()
  })

  test(`a manager reads why, and has it decided again, ${how}`, async () => {
    const { context, page } = await visit('manager', { javaScriptEnabled })
    await page.goto(`${HERE}/decisions`)
    await page.locator('main tbody a[href*="/decisions/"]').first().click()
    assert.match(await main(page), /Why/)
    await page.getByRole('button', { name: 'Decide again from the same evidence' }).click()
    assert.match(await banner(page), /byte for byte/)
    await context.close()
  })
}

for (const [javaScriptEnabled, version, word] of [[true, '1.8.0', 'Known'], [false, '1.9.0', 'Noted']]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'

  test(`an update is tried, approved by two people, and decides, ${how}`, async () => {
    const as = (role) => visit(role, { javaScriptEnabled })
    const author = await as('plugin author')
    await author.page.goto(`${HERE}/plugins/versions`)
    await author.page.setInputFiles('#file', { name: 'newer.wasm', mimeType: 'application/wasm', buffer: newerPlugin(version, word) })
    await press(author.page, 'Upload')
    assert.match(await banner(author.page), /It is uploaded/)
    await author.context.close()

    // The administrator takes it: what it widens has to be read first.
    const { page, context } = await as('administrator')
    await page.goto(`${HERE}/plugins`)
    await page.locator('tr', { hasText: 'bristol-outcomes' }).filter({ hasText: 'Active' }).getByRole('link').first().click()
    await page.getByRole('link', { name: 'Updates' }).click()
    await page.getByRole('link', { name: `Propose version ${version}` }).click()
    await press(page, 'Propose it')
    assert.match(await page.title(), /^Error: /)
    await page.getByLabel('I have read what this version').check()
    await press(page, 'Propose it')
    assert.match(await banner(page), /It is proposed/)
    const proposed = new URL(page.url()).pathname
    await page.getByRole('link', { name: 'Change its settings' }).click()
    await page.fill('#attendance-percent', javaScriptEnabled ? '99' : '80')
    await press(page, 'Save')
    await page.goto(`${proposed}/review`)
    await page.getByRole('link', { name: 'Have the host check it' }).click()
    await press(page, 'Check it')
    assert.match(await main(page), /Passed/)
    await context.close()

    // The reviewer tries it on the council's own families, then says of each part by which law it may be read.
    const reviewer = await as('plugin reviewer')
    const look = reviewer.page
    await look.goto(proposed)
    await look.getByRole('link', { name: 'Try it in a back-test' }).click()
    await fillDay(look, 'as_of', { day: '31', month: '8', year: '2026' })
    await press(look, 'Begin')
    const test = new URL(look.url()).pathname
    for (let i = 0; i < 50 && (await look.locator('[data-hearth-follow]').count()); i += 1) {
      if (javaScriptEnabled) await look.waitForTimeout(200)
      else await look.getByRole('link', { name: 'Look again' }).click()
    }
    assert.match(await look.locator('main').textContent(), /Decided differently/)
    await look.getByRole('link', { name: 'On to its review' }).click()
    await look.getByRole('link', { name: /^Approve: / }).first().click()
    for (let i = 0; i < 20 && look.url().includes('/review/items/'); i += 1) {
      await look.locator('#approve').check()
      for (const box of ['#basis', '#conditions']) if (await look.locator(box).count()) await look.locator(box).check()
      await press(look, 'Save and go on to the next')
    }
    assert.match(await look.locator('main').textContent(), /Every part is approved/)

    // Whoever sees families' decisions sees which come out otherwise.
    const manager = await as('manager')
    await manager.page.goto(test)
    await manager.page.getByRole('link', { name: 'The families that are decided differently' }).click()
    await manager.page.locator('thead').getByRole('link', { name: 'Claims' }).click()
    assert.ok(await manager.page.locator('tbody tr').count())
    await manager.context.close()

    const second = await as('data manager')
    await second.page.goto(`${proposed}/review`)
    await second.page.getByRole('link', { name: 'Approve all of it as a second person' }).click()
    await press(second.page, 'Approve all of it')
    assert.match(await banner(second.page), /approved by a second person/)
    await second.context.close()

    await look.goto(`${proposed}/review`)
    await look.getByRole('link', { name: 'Let it decide' }).click()
    await press(look, 'Let it decide')
    assert.match(await banner(look), /It decides from now on/)
    assert.match(await look.locator('h1').textContent(), /Active/)
    await reviewer.context.close()
  })
}

test('somebody signs in and notes a contact by the keyboard alone', async () => {
  const { context, page } = await visit('keyworker')
  await page.goto(`${HERE}/families`)
  const reach = async (wanted, most = 60) => {
    for (let i = 0; i < most; i += 1) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((w) => document.activeElement?.textContent?.trim().startsWith(w) || document.activeElement?.id === w, wanted)) return
    }
    assert.fail(`the keyboard does not reach ${wanted}`)
  }
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to main content')
  await page.keyboard.press('Enter')
  await reach('BR-')
  await page.keyboard.press('Enter')
  await page.waitForURL(/families\/[0-9a-f]/)
  await reach('Note a contact')
  await page.keyboard.press('Enter')
  await page.waitForURL(/contacts$/)
  await reach('how')
  await page.keyboard.press('Space')
  await reach('Note it')
  await page.keyboard.press('Enter')
  await page.waitForURL(/told=noted/)
  await context.close()
})

test('what people type is shown and never run', async () => {
  const { context, page } = await visit('manager')
  const bad = `<img src=x onerror="document.title='taken'">`
  await page.goto(`${HERE}/families?name=${encodeURIComponent(bad)}`)
  assert.equal(await page.locator('#name').inputValue(), bad)
  await page.goto(`${HERE}?told=${encodeURIComponent(bad)}`)
  assert.equal(await page.locator('img').count(), 0)
  assert.doesNotMatch(await page.title(), /taken/)
  await context.close()
})

test('signing out ends it, and nobody is led elsewhere by signing in', async () => {
  const { context, page } = await signIn('coordinator')
  await page.goto('/me')
  await page.getByRole('button', { name: 'Sign out' }).click()
  assert.match(await main(page), /You are signed out/)
  await page.goto(`${HERE}/families`)
  assert.match(page.url(), /\/sign-in\?to=%2FE06000023%2Ffamilies$/)
  await page.goto('/sign-in?to=//elsewhere.example/')
  assert.equal(await page.locator('input[name=to]').first().inputValue(), '/')
  await context.close()
})

test("another site's page can change nothing, and shows none of ours in a frame", async () => {
  const { context, page } = await visit('keyworker')
  const answer = await page.goto(HERE)
  const headers = answer.headers()
  assert.match(headers['content-security-policy'], /frame-ancestors 'none'/)
  assert.doesNotMatch(headers['content-security-policy'], /unsafe/)
  const [{ name, value }] = await context.cookies()
  const sent = await fetch(`${process.env.HEARTH_BASE}/sign-out`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: `${name}=${value}`, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
  })
  assert.equal(sent.status, 403)
  await page.goto('/me')
  assert.match(await main(page), /Employed by/)
  await context.close()
})
