// What an error says to a person: our sentence for its code, else the server's own.
import { ApiError } from '../api/client';
import { lookup, t } from '../i18n/index.svelte';

export function sentence(reason: unknown): string {
  if (reason instanceof ApiError) {
    const own = lookup(`error.${reason.code}`, { s: reason.retry_after_s ?? 0 });
    if (own) return own;
    if (reason.message && !reason.code.startsWith('http.status_')) {
      return `${reason.message} (${reason.code})`;
    }
    return t('error.unknown', { code: reason.code });
  }
  return t('error.page', { what: reason instanceof Error ? reason.message : String(reason) });
}
