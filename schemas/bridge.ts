/** The form of `bridge.yaml`: a broker and the gates at the ports of this computer, in the words of `earlid.yaml`. */
import { z } from 'zod';
import { type MqttConfig, mqtt, toMqtt } from './mqtt.ts';
import { NAME } from './name.ts';
import { serialPath } from './serial-path.ts';

const LINK = '`{ serial: PATH }`: a bridge serves what is plugged into its computer';

export const bridgeSchema = z
  .strictObject(
    {
      mqtt,
      gates: z
        .record(
          z.string().regex(NAME, {
            error: 'a name of at most 32 small letters, digits, - and _, such as `kitchen`',
          }),
          z.strictObject(
            {
              link: z
                .strictObject({ serial: serialPath }, { error: LINK })
                .describe('Where it is plugged in.'),
            },
            { error: 'a mapping such as `{ link: { serial: PATH } }`' },
          ),
          { error: 'a mapping of gate names to gates' },
        )
        .refine((gates) => Object.keys(gates).length > 0, { error: 'at least one gate' })
        .refine((gates) => Object.keys(gates).length <= 64, { error: 'at most 64 gates' })
        .describe('The gates by their names at the broker.'),
    },
    { error: 'a mapping with `mqtt` and `gates`' },
  )
  .superRefine(({ mqtt, gates }, context) => {
    const expect = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (mqtt.embedded) expect(['mqtt'], '`url`, the address of the broker: a bridge runs none');
    const owner = new Map<string, string>();
    for (const [name, { link }] of Object.entries(gates)) {
      const other = owner.get(link.serial);
      if (other) expect(['gates', name, 'link', 'serial'], `a port of its own: \`${other}\` has this one`);
      owner.set(link.serial, name);
    }
  });

export interface BridgeConfig {
  readonly mqtt: MqttConfig;
  readonly gates: readonly { readonly name: string; readonly serial: string }[];
}

/** The checked file as the bridge uses it. */
export function toBridge({ mqtt, gates }: z.output<typeof bridgeSchema>): BridgeConfig {
  return {
    mqtt: toMqtt(mqtt),
    gates: Object.entries(gates).map(([name, { link }]) => ({ name, serial: link.serial })),
  };
}

/** JSON Schema of the file as a person writes it. */
export const bridgeJsonSchema = (): Record<string, unknown> => z.toJSONSchema(bridgeSchema, { io: 'input' });
