// Short messages at the edge of the screen. At most four; errors stay until they are put away.
import { sentence } from './errors';

export interface ToastAction {
  label: string;
  run: () => void;
}
export interface Toast {
  id: number;
  kind: 'ok' | 'info' | 'error';
  text: string;
  action?: ToastAction;
}
const shown_ms = 6000;
const limit = 4;

class Toasts {
  list = $state.raw<Toast[]>([]);
  private next = 1;

  show(kind: Toast['kind'], text: string, action?: ToastAction): void {
    const id = this.next++;
    const toast: Toast = action ? { id, kind, text, action } : { id, kind, text };
    this.list = [...this.list.filter((o) => o.text !== text), toast].slice(-limit);
    if (kind !== 'error') setTimeout(() => this.close(id), shown_ms);
  }
  ok = (text: string, action?: ToastAction): void => this.show('ok', text, action);
  error = (reason: unknown): void => this.show('error', sentence(reason));
  close(id: number): void {
    this.list = this.list.filter((o) => o.id !== id);
  }
}
export const toasts = new Toasts();
