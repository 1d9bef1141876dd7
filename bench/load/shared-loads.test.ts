import { describe, expect, it } from 'vitest';
import { sendOnce, type Sent } from './shared-loads.ts';

function sentBy(by: string): () => Promise<Sent> {
  return async () => ({ results: [], received: { before: 0, after: 0 }, by });
}

const whole = (): boolean => true;
const broken = (): boolean => false;

describe('sendOnce', () => {
  it('gives the second benchmark of a load what the first got, and sends nothing for it', async () => {
    const first = await sendOnce('twice', sentBy('first'), whole);
    let sends = 0;
    const second = await sendOnce('twice', () => ((sends += 1), sentBy('second')()), whole);
    expect(second).toBe(first);
    expect(sends).toBe(0);
  });

  it('sends each load anew', async () => {
    await sendOnce('one', sentBy('first'), whole);
    expect(await sendOnce('other', sentBy('second'), whole)).toMatchObject({ by: 'second' });
  });

  it('always sends a load that is not shared', async () => {
    await sendOnce(undefined, sentBy('first'), whole);
    expect(await sendOnce(undefined, sentBy('second'), whole)).toMatchObject({ by: 'second' });
  });

  it('does not keep what was broken off, which is for the one that sent it alone', async () => {
    expect(await sendOnce('broken off', sentBy('first'), broken)).toMatchObject({ by: 'first' });
    expect(await sendOnce('broken off', sentBy('second'), whole)).toMatchObject({ by: 'second' });
    expect(await sendOnce('broken off', sentBy('third'), whole)).toMatchObject({ by: 'second' });
  });

  it('asks whether it ran to its end only when it has ended', async () => {
    let ended = false;
    const send = async (): Promise<Sent> => {
      const sent = await sentBy('first')();
      ended = true;
      return sent;
    };
    await sendOnce('asked', send, () => ended);
    expect(await sendOnce('asked', sentBy('second'), whole)).toMatchObject({ by: 'first' });
  });

  it('does not keep a load that threw', async () => {
    await expect(sendOnce('thrown', () => Promise.reject(new Error('no proxy')), whole)).rejects.toThrow('no proxy');
    expect(await sendOnce('thrown', sentBy('second'), whole)).toMatchObject({ by: 'second' });
  });
});
