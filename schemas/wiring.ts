/** What is kept of the check of a gate's wiring: `wiring.json` of the state folder, and how a program sees it. */
import { z } from 'zod';
import { instantSchema } from './instant.ts';
import { PRODUCTS, type Product } from './protocol.ts';

/** `passed`: every step of `earlid verify` held; `assumed`: the owner gave his word without the steps. */
export const WIRINGS = ['passed', 'assumed'] as const;
export type WiringGrade = (typeof WIRINGS)[number];

const record = z.object({
  wiring: z.enum(WIRINGS),
  at: instantSchema,
  firmware: z.string().max(32),
  product: z.enum(Object.keys(PRODUCTS) as [Product, ...Product[]]),
  gateId: z.string().max(8),
});
/** A wiring that somebody stands for: when (UTC ms), on which board with which firmware. */
export type WiringRecord = Readonly<z.output<typeof record>>;

/** The whole file. */
export const wiringFile = z.object({ version: z.literal(1), gates: z.record(z.string(), record) });
