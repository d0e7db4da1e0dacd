/** Paths in a configuration count from its own folder, wherever the daemon was started. Pure. */
import { dirname, resolve } from 'node:path';
import type { Config } from '../../schemas/config.ts';
import type { MqttConfig } from '../../schemas/mqtt.ts';

/** The files of a broker, absolute. `file` is where the configuration was read from. */
export function withAbsoluteFiles(mqtt: MqttConfig, file: string): MqttConfig {
  const folder = dirname(resolve(file));
  const given = (path: string | null) => (path === null ? null : resolve(folder, path));
  const { passwordFile, ca, cert, key } = mqtt;
  return { ...mqtt, passwordFile: given(passwordFile), ca: given(ca), cert: given(cert), key: given(key) };
}

/** The same configuration with every path absolute. `file` is where it was read from. */
export function withAbsolutePaths(config: Config, file: string): Config {
  const folder = dirname(resolve(file));
  const absolute = (path: string) => resolve(folder, path);
  const given = (path: string | null) => (path === null ? null : absolute(path));
  const { site, mqtt, homeassistant, calendars } = config;
  return {
    ...config,
    site: site && { ...site, holidays: site.holidays && { ...site.holidays, ics: given(site.holidays.ics) } },
    calendars: calendars.map((calendar) => {
      const { from } = calendar;
      if ('file' in from) return { ...calendar, from: { file: absolute(from.file) } };
      if ('urlFile' in from) return { ...calendar, from: { urlFile: absolute(from.urlFile) } };
      return calendar;
    }),
    mqtt: mqtt && withAbsoluteFiles(mqtt, file),
    homeassistant: homeassistant && {
      ...homeassistant,
      api: homeassistant.api && {
        ...homeassistant.api,
        tokenFile: absolute(homeassistant.api.tokenFile),
        ca: given(homeassistant.api.ca),
      },
    },
  };
}
