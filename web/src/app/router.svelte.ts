// Where we are, from the address bar. Plain links work: clicks on them are taken over here.
import { locate } from './routes';

class Router {
  path = $state('/');
  query = $state.raw(new URLSearchParams());
  place = $derived(locate(this.path));

  start(): void {
    const read = () => {
      this.path = location.pathname;
      this.query = new URLSearchParams(location.search);
    };
    read();
    addEventListener('popstate', read);
    document.addEventListener('click', (e) => {
      if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
      const link = (e.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
      if (!link || link.target || link.hasAttribute('download')) return;
      if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return;
      e.preventDefault();
      this.go(link.pathname + link.search);
    });
  }
  go(to: string): void {
    if (to !== location.pathname + location.search) history.pushState(null, '', to);
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
  /** Changes the query in place: state that belongs to the address but not to "back". */
  setQuery(changes: Record<string, string | undefined>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === '') query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
    this.query = query;
  }
}
export const router = new Router();
