// What a script adds to pages that work without one.
import { initAll } from './govuk-frontend.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// Leaves at once for a page that anybody might have open, and takes this one out of the way back.
for (const exit of document.querySelectorAll('a[data-hearth-exit]')) {
  exit.addEventListener('click', (event) => {
    event.preventDefault()
    document.body.hidden = true
    window.location.replace(exit.href)
  })
}

// A form that saves by itself: what was typed goes to the host a moment after the last key, and whether it was taken is said.
for (const form of document.querySelectorAll('form[data-hearth-autosave]')) {
  const told = form.querySelector('[data-hearth-saved]')
  let waiting
  const save = async () => {
    const body = new URLSearchParams(new FormData(form))
    body.set('quietly', 'yes')
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } })
      told.textContent = answer.ok ? told.dataset.ok : told.dataset.failed
      // What the host has now (also where a part of it was refused), so that the next change is known to be one of that.
      if ((answer.ok || answer.status === 422) && form.elements.seen) form.elements.seen.value = await answer.text()
    } catch {
      told.textContent = told.dataset.failed
    }
  }
  form.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(save, 1500)
  })
  form.addEventListener('submit', () => clearTimeout(waiting))
}

// Progress that is told as it happens; without a script the page is looked at again.
for (const place of document.querySelectorAll('[data-hearth-follow]')) {
  const events = new EventSource(place.dataset.hearthFollow)
  const things = place.dataset.hearthThings ?? ''
  events.onmessage = (event) => {
    const { done, total } = JSON.parse(event.data)
    place.textContent = total === undefined ? `${done} ${things} so far` : `${done} of ${total} ${things}`
  }
  events.addEventListener('over', () => { events.close(); window.location.reload() })
}

// Tables are sorted where they stand; without a script the headings are links that ask the host.
for (const table of document.querySelectorAll('table[data-hearth-sort]')) {
  const rows = table.tBodies[0]
  table.querySelectorAll('thead th').forEach((head, column) => {
    const button = head.querySelector('a,button')
    if (!button) return
    button.addEventListener('click', (event) => {
      event.preventDefault()
      const down = head.getAttribute('aria-sort') === 'ascending'
      table.querySelectorAll('th').forEach((other) => other.setAttribute('aria-sort', 'none'))
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
      const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim()
      const compare = (a, b) => value(a).localeCompare(value(b), 'en-GB', { numeric: true })
      const sorted = [...rows.rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)))
      rows.append(...sorted)
    })
  })
}
