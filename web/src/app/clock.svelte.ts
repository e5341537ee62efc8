// One ticking clock for the whole page, set to the core's time where that is known.
class PageClock {
  private offset_us = 0;
  now_us = $state(Date.now() * 1000);

  constructor() {
    if (typeof window === 'undefined') return;
    const tick = () => {
      this.now_us = this.read();
      setTimeout(tick, 1000 - ((this.now_us / 1000) % 1000));
    };
    tick();
  }
  read(): number {
    return Date.now() * 1000 + this.offset_us;
  }
  /** Takes the core's time; small differences are left alone so that counters do not jump. */
  sync(core_us: number): void {
    const offset = core_us - Date.now() * 1000;
    if (Math.abs(offset - this.offset_us) > 1_500_000) this.offset_us = offset;
  }
}
export const clock = new PageClock();
