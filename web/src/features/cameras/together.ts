// The clock that several pictures follow. Pure: it is told what time it is.
export class CommonClock {
  private speed = 1;
  private paused = false;
  private waiting = false;

  constructor(
    private base_us: number,
    private base_ms: number,
  ) {}
  at(now_ms: number): number {
    return this.paused || this.waiting ? this.base_us : this.base_us + (now_ms - this.base_ms) * 1000 * this.speed;
  }
  set(at_us: number, now_ms: number): void {
    this.base_us = at_us;
    this.base_ms = now_ms;
  }
  pause(paused: boolean, now_ms: number): void {
    this.set(this.at(now_ms), now_ms);
    this.paused = paused;
  }
  /** Stands until what it is to show is there. */
  wait(waiting: boolean, now_ms: number): void {
    if (waiting === this.waiting) return;
    this.set(this.at(now_ms), now_ms);
    this.waiting = waiting;
  }
  setSpeed(speed: number, now_ms: number): void {
    this.set(this.at(now_ms), now_ms);
    this.speed = speed;
  }
}
