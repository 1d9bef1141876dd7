import { uniform } from '../stats/random.ts';

/** Where requests go and how. */
export interface EndpointOptions {
  /** For example `http://127.0.0.1:4000`; `/v1/chat/completions` is added. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** For a whole request, reply included. */
  readonly timeoutMs: number;
}

/** What kinds of requests are sent, chosen anew for each; plain data, so that it can be handed to another thread. */
export interface Kinds {
  /** Shares of non-stream requests and of streams, adding up to 1. */
  readonly chat: number;
  readonly stream: number;
  /** Share of the streams whose client hangs up in the middle. */
  readonly hangUps: number;
  readonly seed: number;
}

/** All that a sender needs to know, whatever thread it is on. */
export interface Traffic {
  readonly endpoint: EndpointOptions;
  readonly kinds: Kinds;
}

export const ONLY_CHAT: Kinds = { chat: 1, stream: 0, hangUps: 0, seed: 0 };
export const ONLY_STREAMS: Kinds = { chat: 0, stream: 1, hangUps: 0, seed: 0 };

export type Choice = 'chat' | 'stream' | 'hang_up';

/** Chooses the kind of each request; the same seed gives the same order. */
export function chooser({ chat, hangUps, seed }: Kinds): () => Choice {
  const random = uniform(seed);
  return () => {
    if (random() < chat) return 'chat';
    return hangUps > 0 && random() < hangUps ? 'hang_up' : 'stream';
  };
}
