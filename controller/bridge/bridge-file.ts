/** Reads the text of `bridge.yaml`. */
import { type BridgeConfig, bridgeJsonSchema, bridgeSchema, toBridge } from '../../schemas/bridge.ts';
import { withAbsoluteFiles } from '../config/paths.ts';
import { parseForm } from '../config/yaml-form.ts';

/** Throws `bridge-invalid` with every problem found, in the order of the file. */
export function parseBridge(text: string, file: string): BridgeConfig {
  return parseForm(text, file, {
    invalid: 'bridge-invalid',
    schema: bridgeSchema,
    jsonSchema: bridgeJsonSchema,
    read: (value) => {
      const { mqtt, gates } = toBridge(value);
      return { result: { mqtt: withAbsoluteFiles(mqtt, file), gates }, problems: [] };
    },
  });
}
