// Files on their way to an incident. They go on when the person leaves the page, and can be stopped.
import { api } from '../../api/client';
import { sentence } from '../../app/errors';
import { toasts } from '../../app/toasts.svelte';
import { t } from '../../i18n/index.svelte';

export const largest_bytes = 32 * 1024 * 1024;

export class Upload {
  done = $state(0);
  problem = $state('');
  private readonly stop_ = new AbortController();
  constructor(
    readonly incident_id: string,
    readonly file: File,
  ) {}
  async run(): Promise<void> {
    this.problem = '';
    try {
      await api.upload(
        `/incidents/${this.incident_id}/attachments`, this.file, this.file.name.normalize('NFC'),
        (part) => (this.done = part), this.stop_.signal,
      );
      uploads.remove(this);
    } catch (reason) {
      if (reason instanceof DOMException && reason.name === 'AbortError') uploads.remove(this);
      else this.problem = sentence(reason);
    }
  }
  stop(): void {
    this.stop_.abort();
    uploads.remove(this);
  }
}

class Uploads {
  list = $state.raw<Upload[]>([]);
  add(incident_id: string, files: Iterable<File>): void {
    for (const file of files) {
      if (file.size > largest_bytes) {
        toasts.show('error', t('attachment.too_large', { name: file.name }));
        continue;
      }
      const upload = new Upload(incident_id, file);
      this.list = [...this.list, upload];
      void upload.run();
    }
  }
  remove(upload: Upload): void {
    this.list = this.list.filter((u) => u !== upload);
  }
}
export const uploads = new Uploads();
