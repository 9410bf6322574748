// A front end of an afternoon: the families that one may see, and the latest decisions with why.
import { every, hearth, type Problem } from '@hearth/client'

const authority = 'E06999999'
const form = document.querySelector('form')!
const out = document.querySelector('main')!

function add(tag: string, text: string, to: Element = out): HTMLElement {
  const element = document.createElement(tag)
  element.textContent = text
  to.append(element)
  return element
}

function refused(problem: Problem | undefined): never {
  throw new Error(problem ? `${problem.title}: ${problem.detail}` : 'the host did not say why')
}

async function show(host: string, token: string): Promise<void> {
  const api = hearth({ host, token })
  out.replaceChildren()
  add('h2', 'Families')
  const families = add('ul', '')
  const page = async (after?: string) => {
    const { data, error } = await api.GET('/v1/authorities/{authority}/families', { params: { path: { authority }, query: { after } } })
    return data ?? refused(error)
  }
  for await (const family of every(page)) add('li', family.reference, families)
  add('h2', 'Latest decisions')
  const path = { authority }
  const { data, error } = await api.GET('/v1/authorities/{authority}/decisions', { params: { path, query: { limit: 5 } } })
  for (const listed of (data ?? refused(error)).items) {
    const read = await api.GET('/v1/authorities/{authority}/decisions/{decision}', { params: { path: { authority, decision: listed.id } } })
    const decision = read.data ?? refused(read.error)
    if (!('findings' in decision)) {
      add('p', `${decision.question}: what it rests on is not for you to see`)
      continue
    }
    add('h3', `${decision.question}: ${decision.says}`)
    const why = add('ul', '')
    for (const finding of decision.findings) for (const reason of finding.reasons) add('li', reason.sentence, why)
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const typed = new FormData(form)
  show(String(typed.get('host')), String(typed.get('token'))).catch((error: Error) => add('p', error.message).setAttribute('role', 'alert'))
})
