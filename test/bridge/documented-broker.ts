/** The mosquitto configuration of docs/mosquitto, brought to a folder and a port of a test. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the documented files lie. */
export const FILES = fileURLToPath(new URL('../../docs/mosquitto', import.meta.url));

/** Writes the configuration of a broker whose certificate is for `localhost`; `certificates` are those of `certificates.sh`. Its path. */
export function documentedBroker(folder: string, certificates: string, port: number): string {
  copyFileSync(join(FILES, 'acl'), join(certificates, 'acl'));
  const text = readFileSync(join(FILES, 'mosquitto.conf'), 'utf8')
    .replaceAll('/etc/mosquitto/earlid', certificates)
    .replaceAll('broker.home', 'localhost')
    .replace('listener 8883', `listener ${port} 127.0.0.1`);
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `user ${userInfo().username}\n${text}`);
  return file;
}
