import { describe, expect, it } from 'vitest';
import { Watch, type Socket } from './watch';

const event = (sequence: number) => ({
  sequence, at_us: 0, actor: { kind: 'system', id: 'core' }, stream: { kind: 'report', id: 'r' },
  stream_version: 1, type: 'report.received', body: {},
});

function setting() {
  const seen: number[] = [];
  const opened: { from: number; socket: Socket }[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const log: string[] = [];
  let alive = true;
  let reloaded_to = 100;
  const watch = new Watch(
    {
      events: (events) => seen.push(...events.map((e) => e.sequence)),
      positions: () => log.push('positions'),
      reload: async () => {
        log.push('reload');
        return reloaded_to;
      },
      connected: () => log.push('connected'),
      lost: () => log.push('lost'),
    },
    {
      open: (from) => {
        const socket: Socket = { onopen: null, onclose: null, onmessage: null, close: () => log.push('closed') };
        opened.push({ from, socket });
        return socket;
      },
      after: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return timer;
      },
      cancel: (timer) => {
        const at = timers.indexOf(timer as (typeof timers)[number]);
        if (at >= 0) timers.splice(at, 1);
      },
      random: () => 1,
      alive: async () => alive,
    },
  );
  const current = () => opened[opened.length - 1]!.socket;
  const send = (message: unknown) => current().onmessage?.({ data: JSON.stringify(message) });
  const settle = () => new Promise((done) => setTimeout(done, 0));
  return {
    watch, seen, opened, timers, log, current, send, settle,
    dies: () => (alive = false), reloadsTo: (to: number) => (reloaded_to = to),
  };
}

describe('the live connection', () => {
  it('hands on events in order and drops those it has seen', () => {
    const s = setting();
    s.watch.start(10);
    s.current().onopen?.();
    s.send({ events: [event(9), event(10), event(11)] });
    s.send({ events: [event(11), event(12)] });
    expect(s.seen).toEqual([11, 12]);
  });

  it('goes on from the last sequence after a cut', () => {
    const s = setting();
    s.watch.start(10);
    s.current().onopen?.();
    s.send({ events: [event(11), event(12)] });
    s.current().onclose?.();
    expect(s.log).toContain('lost');
    s.timers.pop()!.run();
    expect(s.opened[1]!.from).toBe(12);
  });

  it('waits longer after each failure, and not above its limit', () => {
    const s = setting();
    s.watch.start(0);
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      s.current().onclose?.();
      const timer = s.timers.pop()!;
      waits.push(timer.ms);
      timer.run();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('loads everything again on reset and continues from there', async () => {
    const s = setting();
    s.watch.start(10);
    s.current().onopen?.();
    s.send({ reset: { head: 100 } });
    await s.settle();
    expect(s.log).toContain('reload');
    s.send({ events: [event(100), event(101)] });
    expect(s.seen).toEqual([101]);
  });

  it('asks whether the core is there after a silence, and reconnects if it is not', async () => {
    const s = setting();
    s.watch.start(0);
    s.current().onopen?.();
    s.dies();
    s.timers.pop()!.run();
    await s.settle();
    expect(s.log).toContain('lost');
    s.timers.pop()!.run();
    expect(s.opened.length).toBe(2);
  });

  it('asks at once when the browser says the network is gone, and believes the core', async () => {
    const s = setting();
    s.watch.start(0);
    s.current().onopen?.();
    s.watch.doubt();
    await s.settle();
    expect(s.log).not.toContain('lost');
    s.dies();
    s.watch.doubt();
    await s.settle();
    expect(s.log).toContain('lost');
  });

  it('loads everything after a cut when it has seen no event yet', async () => {
    const s = setting();
    s.watch.start(0);
    s.current().onopen?.();
    expect(s.log).not.toContain('reload');
    s.current().onclose?.();
    s.timers.pop()!.run();
    s.current().onopen?.();
    await s.settle();
    expect(s.log).toContain('reload');
  });

  it('ignores what is not JSON and what comes from a socket it has left', () => {
    const s = setting();
    s.watch.start(0);
    const old = s.current();
    old.onopen?.();
    old.onmessage?.({ data: '{' });
    const late = old.onmessage;
    old.onclose?.();
    expect(old.onmessage).toBeNull();
    expect(late).not.toBeNull();
    expect(s.seen).toEqual([]);
  });

  it('opens nothing more once stopped', () => {
    const s = setting();
    s.watch.start(0);
    s.watch.stop();
    expect(s.timers.length).toBe(0);
    s.watch.hurry();
    expect(s.opened.length).toBe(1);
  });
});
