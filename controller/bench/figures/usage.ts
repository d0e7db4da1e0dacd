/** What a process costs, from /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds since its start and resident MB. Throws `Error` when there is no such process. */
export function usage(pid: number): { cpuSeconds: number; residentMb: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentMb: Number(resident[1]) / 1024,
  };
}
