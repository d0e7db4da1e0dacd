/** The wiring check: takes a gate through the ten steps, asks a person, and believes the sense only where it agrees. */
import type { GateView, WiringAnswer } from '../../schemas/api.ts';
import { EarlidError } from '../../schemas/errors.ts';
import { LIMITS } from '../../schemas/protocol.ts';
import { type Action, type Question, STEPS, type StepName } from './steps.ts';

/** The gate, as far as the check needs it. Everything rejects with an `EarlidError`. */
export interface Subject {
  view(): Promise<GateView>;
  wiring(): Promise<WiringAnswer>;
  mute(): Promise<void>;
  /** Grants for about `forMs`; false when the configuration does not let that be done from here. */
  unmute(forMs: number): Promise<boolean>;
  /** How many events of the button the gate has told so far: presses that granted, muted, or were refused. */
  presses(): Promise<number>;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
}

/** The person beside the gate. */
export interface Person {
  /** A step begins; `number` counts from 1. */
  step(number: number, name: StepName): void;
  /** Says that something takes its time. */
  wait(text: string): void;
  act(action: Action): Promise<void>;
  /** True for yes. */
  ask(question: Question): Promise<boolean>;
}

const LOOK_MS = 200;
/** A person needs so long to pull a plug. */
const PATIENCE_MS = 180_000;
const PRESS_MS = 60_000;
/** The gate itself needs no longer. */
const PROMPT_MS = 10_000;
/** Longer than the lease that a gate without its controller may still run, and the travel of a servo. */
const LEASE_OVER_MS = LIMITS.leaseMs.value + 6_000;
/** The gate is live for this long at a time while a person is waited for: a check that dies leaves it live no longer. */
const GRANT_MS = 60_000;
const RENEW_MS = 30_000;

/** Resolves when every step has held; rejects with `wiring-wrong` when one has not. The gate is left as the last step left it: muted. */
export async function checkWiring(subject: Subject, person: Person): Promise<void> {
  await new Check(subject, person).run();
}

class Check {
  readonly #subject: Subject;
  readonly #person: Person;
  #number = 0;
  #step: StepName = 'talks';
  #gate = '';

  constructor(subject: Subject, person: Person) {
    this.#subject = subject;
    this.#person = person;
  }

  async run(): Promise<void> {
    this.#begin('talks');
    await this.#ready();
    this.#begin('lamps-muted');
    await this.#mute();
    await this.#expect('lamps-muted', true);
    this.#begin('deaf-muted');
    await this.#hears(false);
    this.#begin('deaf-unplugged');
    await this.#person.act('unplug');
    await this.#until(({ link }) => link !== 'up', PATIENCE_MS);
    await this.#expect('answers', false);
    this.#begin('back-muted');
    await this.#comesBack();
    this.#begin('lamps-live');
    await this.#open();
    await this.#expectLive('lamps-live');
    this.#begin('hears-live');
    await this.#started();
    await this.#hears(true);
    this.#begin('deaf-again');
    await this.#mute();
    await this.#hears(false);
    this.#begin('deaf-pulled');
    await this.#open();
    await this.#started();
    await this.#person.act('pull-usb');
    await this.#until(
      ({ link }) => link !== 'up',
      PATIENCE_MS,
      (view) => this.#renew(view),
    );
    this.#person.wait(`The gate ends its lease by itself; ${LEASE_OVER_MS / 1_000} seconds.`);
    await this.#subject.mute();
    await this.#subject.pass(LEASE_OVER_MS);
    await this.#expect('answers', false);
    await this.#comesBack();
    this.#begin('button');
    await this.#press();
    await this.#mute();
  }

  #begin(name: StepName): void {
    this.#step = name;
    this.#person.step(++this.#number, name);
  }

  async #ready(): Promise<void> {
    const { gate, locked, fault, link } = await this.#subject.view();
    this.#gate = gate;
    if (link !== 'up' || locked === null) throw new EarlidError('gate-away', { gate });
    if (locked) throw new EarlidError('locked', { gate });
    if (fault) throw this.#wrong(`it has the fault \`${fault}\``);
  }

  async #mute(): Promise<void> {
    await this.#subject.mute();
    const view = await this.#until(isOff, PROMPT_MS);
    if (view.fault) throw this.#wrong(`it has the fault \`${view.fault}\``);
  }

  /** Makes the gate live: from here, or where only the button may, by the person. */
  async #open(): Promise<void> {
    if (!(await this.#subject.unmute(GRANT_MS))) await this.#person.act('press');
    await this.#until(({ reported, fault }) => fault !== null || reported?.state === 'live', PATIENCE_MS);
  }

  /** Waits until a speaker that is switched on has started. */
  async #started(): Promise<void> {
    const { reason } = await this.#subject.view();
    if (reason.code !== 'starting') return;
    this.#person.wait('The speaker is starting.');
    await this.#until((view) => view.reason.code !== 'starting', LIMITS.buttonCeilingMs.value);
  }

  async #comesBack(): Promise<void> {
    await this.#person.act('plug');
    await this.#until((view) => view.link === 'up' && view.locked !== null, PATIENCE_MS);
    await this.#until(isOff, PROMPT_MS);
  }

  async #press(): Promise<void> {
    const before = await this.#subject.presses();
    await this.#person.act('press');
    for (let ms = 0; (await this.#subject.presses()) === before; ms += LOOK_MS) {
      if (ms >= PRESS_MS) throw this.#wrong();
      await this.#subject.pass(LOOK_MS);
    }
  }

  /** Asks whether the speaker answers; a sense that says otherwise is wired wrongly. */
  async #hears(expected: boolean): Promise<void> {
    const { sense } = await this.#subject.wiring();
    const view = await this.#subject.view();
    const sensed = sense && view.evidence === 'sensed' ? view.state === 'live' : null;
    if (view.fault) throw this.#wrong(`its sense says so: fault \`${view.fault}\``);
    if (expected) await this.#expectLive('answers');
    else await this.#expect('answers', false);
    const { reported } = await this.#subject.view();
    if (expected && reported?.state !== 'live') throw this.#wrong('it was muted before the answer came');
    if (sense && sensed !== expected)
      throw this.#wrong(
        `the speaker is as it should be, but the sense says that it ${expected ? 'is deaf' : 'hears'}`,
      );
  }

  async #expect(question: Question, expected: boolean): Promise<void> {
    if ((await this.#person.ask(question)) !== expected) throw this.#wrong();
  }

  /** Keeps live what is live: a gate that somebody has muted meanwhile stays muted (S3). */
  async #renew({ reported }: GateView): Promise<void> {
    if (reported?.state === 'live') await this.#subject.unmute(GRANT_MS);
  }

  /** The answer must be yes; the gate stays live while it is waited for. */
  async #expectLive(question: Question): Promise<void> {
    let answer: boolean | null = null;
    const asked = this.#person.ask(question).then((said) => {
      answer = said;
    });
    for (let ms = LOOK_MS; ; ms += LOOK_MS) {
      await Promise.race([asked, this.#subject.pass(LOOK_MS)]);
      if (answer !== null) break;
      if (ms % RENEW_MS === 0) await this.#renew(await this.#subject.view());
    }
    if (!answer) throw this.#wrong();
  }

  /** The view that fits, or the step is wrong; `renew` is called now and then. */
  async #until(
    fits: (view: GateView) => boolean,
    withinMs: number,
    renew: (view: GateView) => Promise<void> = async () => {},
  ): Promise<GateView> {
    for (let ms = 0; ; ms += LOOK_MS) {
      const view = await this.#subject.view();
      if (fits(view)) return view;
      if (ms >= withinMs) throw this.#wrong(view.reason.text);
      if (ms > 0 && ms % RENEW_MS === 0) await renew(view);
      await this.#subject.pass(LOOK_MS);
    }
  }

  #wrong(because?: string): EarlidError {
    const { wrong, remedy } = STEPS[this.#step];
    const detail = `step ${this.#number}: ${wrong}${because ? ` (${because})` : ''}`;
    return new EarlidError('wiring-wrong', { gate: this.#gate, detail, remedy }, { step: this.#step });
  }
}

/** The gate says that it is off, whether or not that is proven. */
const isOff = ({ reported, fault }: GateView): boolean => reported?.state === 'muted' || fault !== null;
