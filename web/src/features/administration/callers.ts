// Who may call a route that no role is asked for.
export type Caller = 'role' | 'public' | 'node' | 'ticket';

/** A recorder shows its own credential, a stream the ticket it was given; the rest is open. */
export function callerOf(route: { path: string; permission: string }): Caller {
  if (route.permission !== '') return 'role';
  if (route.path.startsWith('/nodes/{id}/')) return 'node';
  return route.path.startsWith('/media/') ? 'ticket' : 'public';
}
