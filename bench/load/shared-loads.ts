import type { SideRounds } from './rounds.ts';

/** What came of a load. */
export interface Sent {
  readonly results: readonly SideRounds[];
  /** Requests that the mock had received before and after; undefined for a foreign provider. */
  readonly received: { readonly before: number | undefined; readonly after: number | undefined };
  /** The benchmark that sent it. */
  readonly by: string;
}

/** One worker runs all bench files of a run, so that a load that several of them share is sent once. */
const kept = new Map<string, Sent>();

/**
 * What the first benchmark of this load got, where it has run, or else what `send` gets.
 * @param key undefined for a load that is not shared
 * @param whole whether it ran to its end; a load that was broken off is not kept
 */
export async function sendOnce(key: string | undefined, send: () => Promise<Sent>, whole: () => boolean): Promise<Sent> {
  const earlier = key === undefined ? undefined : kept.get(key);
  if (earlier !== undefined) return earlier;
  const sent = await send();
  if (key !== undefined && whole()) kept.set(key, sent);
  return sent;
}
