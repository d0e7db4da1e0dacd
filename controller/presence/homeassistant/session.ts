/** One connection with Home Assistant, from signing in to its end. */
import { describe, type ErrorView } from '../../../schemas/errors.ts';
import { shown } from '../../network/shown.ts';
import { troubleText } from '../../network/trouble.ts';
import type { SourceContext } from '../source.ts';
import { type Entities, after as entitiesAfter, isReady, type Picture, type Wanted } from './entities.ts';
import { configIn, type Message, messageIn, newsIn } from './messages.ts';
import type { OpenWire, Wire } from './wire.ts';

/** All in ms. */
const ASKING = {
  /** From an answer to the next question. */
  period: 15_000,
  /** The same while Home Assistant is not ready. */
  haste: 3_000,
  answer: 10_000,
  slack: 2_000,
} as const;
/** What may come between two answers; Home Assistant sends some hundred messages at most. */
const MOST_MESSAGES = 2_000;
const MOST_TEXT = 1024 * 1024;
const SUBSCRIPTION = 1;

export interface SessionHandlers {
  /** Home Assistant has just stood behind all of this, as of `at` (ms on the clock that counts suspend). */
  confirmed(picture: Picture, at: number): void;
  /** These entities have just changed. */
  changed(picture: Picture, ids: readonly string[]): void;
}

export interface SessionOptions extends Pick<SourceContext, 'now' | 'after'> {
  readonly url: string;
  readonly ca: string | null;
  readonly token: string;
  readonly wanted: Wanted;
  readonly handlers: SessionHandlers;
  readonly open: OpenWire;
  readonly signal: AbortSignal;
}

/** Resolves with why the connection ended, null: the machine slept, and what came since is of no known age. Never rejects. */
export function converse(options: SessionOptions): Promise<ErrorView | null> {
  return new Promise((resolve) => {
    new Session(options, resolve).start();
  });
}

class Session {
  readonly #options: SessionOptions;
  readonly #resolve: (problem: ErrorView | null) => void;
  #wire: Wire | null = null;
  #isOver = false;
  #isSignedIn = false;
  #lastId = SUBSCRIPTION;
  /** What was asked and is not answered yet. */
  #question: { readonly id: number; readonly at: number } | null = null;
  #answers = 0;
  #config: Pick<Picture, 'state' | 'zone'> | null = null;
  /** Of this connection alone; null until Home Assistant has told which there are. */
  #entities: Entities | null = null;
  #messages = 0;
  #text = 0;
  #due = Number.POSITIVE_INFINITY;
  #cancel = () => {};
  readonly #onAbort = () => this.#end(null);

  constructor(options: SessionOptions, resolve: (problem: ErrorView | null) => void) {
    this.#options = options;
    this.#resolve = resolve;
  }

  start(): void {
    const { open, url, ca, signal } = this.#options;
    signal.addEventListener('abort', this.#onAbort);
    this.#expectAnswer();
    open(
      { url, ca },
      {
        message: (text) => this.#hear(text),
        pinged: () => this.#count(0),
        ended: (problem) => this.#end(problem),
      },
    ).then(
      (wire) => {
        if (this.#isOver) wire.close();
        else this.#wire = wire;
      },
      (error: NodeJS.ErrnoException) =>
        this.#end(
          describe('homeassistant-tls', {
            url,
            detail: error.code === undefined ? shown(error.message) : troubleText(error.code),
          }),
        ),
    );
    if (signal.aborted) this.#end(null);
  }

  #end(problem: ErrorView | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#wire?.close();
    this.#resolve(problem);
  }

  #garbled(detail: string): void {
    this.#end(describe('homeassistant-garbled', { url: this.#options.url, detail }));
  }

  #wait(ms: number, run: () => void): void {
    this.#cancel();
    this.#due = this.#options.now().counted + ms;
    this.#cancel = this.#options.after(ms, () => (this.#hasSlept() ? this.#end(null) : run()));
  }

  /** A timer that runs late, or should have run by now, has slept with the machine. */
  #hasSlept(): boolean {
    return this.#options.now().counted > this.#due + ASKING.slack;
  }

  #expectAnswer(): void {
    const { url } = this.#options;
    this.#wait(ASKING.answer, () =>
      this.#end(describe('homeassistant-unreachable', { url, detail: 'it does not answer' })),
    );
  }

  /** False when this was too much. */
  #count(text: number): boolean {
    this.#messages++;
    this.#text += text;
    if (this.#messages <= MOST_MESSAGES && this.#text <= MOST_TEXT) return true;
    this.#garbled('it sends far too much');
    return false;
  }

  #hear(text: string): void {
    if (this.#isOver || !this.#count(text.length)) return;
    const message = messageIn(text);
    if (this.#hasSlept()) this.#end(null);
    else if (!message) this.#garbled('it sends what Home Assistant does not');
    else if (this.#isSignedIn) this.#read(message);
    else this.#signIn(message);
  }

  #send(message: object): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #signIn({ type }: Message): void {
    const { token, url, wanted } = this.#options;
    if (type === 'auth_required') this.#send({ type: 'auth', access_token: token });
    else if (type === 'auth_invalid') this.#end(describe('homeassistant-token', { url }));
    else if (type !== 'auth_ok') this.#garbled('it does not ask who we are');
    else {
      this.#isSignedIn = true;
      this.#send({ id: SUBSCRIPTION, type: 'subscribe_entities', entity_ids: [...wanted.entities] });
      this.#ask();
    }
  }

  #ask(): void {
    this.#question = { id: ++this.#lastId, at: this.#options.now().counted };
    this.#expectAnswer();
    // As good as a ping, and it says whether Home Assistant has started.
    this.#send({ id: this.#question.id, type: 'get_config' });
  }

  #read(message: Message): void {
    if (message.type === 'event' && message.id === SUBSCRIPTION) this.#take(message.event);
    if (message.type !== 'result') return;
    if (message.id === SUBSCRIPTION && !message.success)
      this.#garbled(`it does not tell of entities: ${shown(message.error ?? 'no reason given')}`);
    if (this.#question && message.id === this.#question.id) this.#answered(message.result, this.#question.at);
  }

  #answered(result: unknown, at: number): void {
    const config = configIn(result);
    if (!config) {
      this.#garbled('it does not say whether it has started');
      return;
    }
    if (++this.#answers > 1 && !this.#entities) {
      this.#garbled('it does not tell of entities');
      return;
    }
    this.#question = null;
    this.#messages = 0;
    this.#text = 0;
    this.#config = config;
    const picture = this.#picture;
    this.#wait(picture && isReady(picture) ? ASKING.period : ASKING.haste, () => this.#ask());
    if (picture) this.#options.handlers.confirmed(picture, at);
  }

  #take(event: unknown): void {
    const { handlers, now, wanted } = this.#options;
    const news = newsIn(event, wanted.entities);
    if (!news) {
      this.#garbled('it tells of entities in another way');
      return;
    }
    const isFirst = this.#entities === null;
    this.#entities = entitiesAfter(this.#entities ?? new Map(), news, wanted);
    const picture = this.#picture;
    if (!picture) return;
    if (isFirst) handlers.confirmed(picture, now().counted);
    else handlers.changed(picture, [...news.keys()]);
  }

  get #picture(): Picture | null {
    return this.#config && this.#entities && { ...this.#config, entities: this.#entities };
  }
}
