// Who is signed in here, and what they may do as far as the interface shows it. The core decides
// again at every call.
import { api, ApiError } from '../api/client';
import type { About, Role, Session } from '../api/types';

export type SignInState = 'unknown' | 'signed_out' | 'signed_in' | 'unreachable';

class SessionStore {
  state = $state<SignInState>('unknown');
  about = $state.raw<About | undefined>();
  current = $state.raw<Session | undefined>();
  /** The roles of this person need a second factor, which has to be set up first. */
  must_enrol = $state(false);
  /** True when a session ended under the person's hands, to say so on the sign-in screen. */
  ended = $state(false);

  async start(): Promise<void> {
    api.onSignedOut = () => {
      if (this.state !== 'signed_in') return;
      this.ended = true;
      this.leave();
    };
    api.onHeld = (code) => {
      if (code === 'access.must_enrol_totp') this.must_enrol = true;
      else void this.check();
    };
    try {
      this.about = await api.get('/about');
      this.take(await api.get('/session'));
    } catch (reason) {
      if (reason instanceof ApiError && reason.status === 401) this.state = 'signed_out';
      else {
        this.state = 'unreachable';
        setTimeout(() => void this.start(), 3000);
      }
    }
  }
  async signIn(login: string, password: string, totp?: string): Promise<void> {
    const body = totp ? { login, password, totp } : { login, password };
    this.take(await api.post('/session', { body }));
    this.ended = false;
  }
  async signOut(): Promise<void> {
    try {
      await api.delete('/session');
    } finally {
      this.leave();
    }
  }
  async changePassword(current_password: string, new_password: string): Promise<void> {
    this.take(await api.post('/session/password', { body: { current_password, new_password } }));
  }
  take(session: Session): void {
    this.current = session;
    api.csrf_token = session.csrf_token;
    this.state = 'signed_in';
    if (session.person.totp_enrolled) this.must_enrol = false;
  }
  /** Asks the core who this is: the session may have ended, or the roles have changed. */
  async check(): Promise<void> {
    if (this.state !== 'signed_in') return;
    try {
      this.take(await api.get('/session'));
    } catch (reason) {
      if (reason instanceof ApiError && reason.status === 401) api.onSignedOut();
    }
  }
  may(...roles: Role[]): boolean {
    return roles.some((r) => this.current?.person.roles.includes(r));
  }
  get me(): string {
    return this.current?.person.id ?? '';
  }
  get province(): string {
    return (this.current?.province ?? this.about?.province)?.name ?? '';
  }
  private leave(): void {
    this.current = undefined;
    api.csrf_token = '';
    this.must_enrol = false;
    this.state = 'signed_out';
  }
}
export const session = new SessionStore();
