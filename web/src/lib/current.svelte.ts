import { readRoute, type Route } from './route'

class Current {
  route = $state.raw<Route>(readRoute(location.hash))

  constructor() {
    addEventListener('hashchange', () => {
      this.route = readRoute(location.hash)
    })
  }
}

/** The route of the page's address, as it changes. */
export const current = new Current()
