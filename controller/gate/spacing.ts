/** What is not sent to a gate more often than it can use. */
import { needsProof } from './proof.ts';
import type { Turn } from './turn.ts';

/** Verdicts that change faster share a renewal, and repeated events an acknowledgement. */
export const SPACING_MS = 50;
/** A gate verifies one message at a time, and refuses what comes meanwhile. */
const SEAL_SPACING_MS = 50;

/** When the next message with an authenticator may be sent. */
export const sealFrom = ({ s }: Turn): number =>
  needsProof(s) && s.sealedAt !== null ? s.sealedAt + SEAL_SPACING_MS : Number.NEGATIVE_INFINITY;
