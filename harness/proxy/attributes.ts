import { REFUSALS } from './refusal.ts';

/** A numeric attribute of a TCP toxic, with the name of Go's type in Toxiproxy's error texts. */
interface TcpToxicShape {
  readonly goName: string;
  readonly goType: string;
  readonly fields: readonly string[];
}

/** Toxiproxy's toxics and their attributes; each attribute is an integer of 64 bits and defaults to 0. */
export const TCP_TOXICS: Readonly<Record<string, TcpToxicShape>> = {
  noop: { goName: 'NoopToxic', goType: 'int64', fields: [] },
  latency: { goName: 'LatencyToxic', goType: 'int64', fields: ['latency', 'jitter'] },
  bandwidth: { goName: 'BandwidthToxic', goType: 'int64', fields: ['rate'] },
  slow_close: { goName: 'SlowCloseToxic', goType: 'int64', fields: ['delay'] },
  timeout: { goName: 'TimeoutToxic', goType: 'int64', fields: ['timeout'] },
  reset_peer: { goName: 'ResetToxic', goType: 'int64', fields: ['timeout'] },
  slicer: { goName: 'SlicerToxic', goType: 'int', fields: ['average_size', 'size_variation', 'delay'] },
  limit_data: { goName: 'LimitDataToxic', goType: 'int64', fields: ['bytes'] },
};

export function isTcpToxic(type: string): boolean {
  return Object.hasOwn(TCP_TOXICS, type);
}

/** By name; a bigint is what a double cannot hold to the last digit. */
export type Numbers = Readonly<Record<string, number | bigint>>;

const LARGEST = 2n ** 63n - 1n;

/** Merges given attributes over `base`; unknown members are ignored, wrong types refused in Go's words. */
export function mergeTcpAttributes(type: string, base: Numbers, given: unknown): Numbers {
  const shape = isTcpToxic(type) ? TCP_TOXICS[type] : undefined;
  if (shape === undefined) throw REFUSALS.invalidType();
  const merged: Record<string, number | bigint> = Object.fromEntries(
    shape.fields.map((name) => [name, base[name] ?? 0]),
  );
  if (given === undefined || given === null) return merged;
  if (!isRecord(given)) {
    throw REFUSALS.badBody(
      `json: cannot unmarshal ${goKind(given)} into Go struct field .attributes of type toxics.${shape.goName}`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    // Go's decoder finds members whatever their letter case.
    const field = shape.fields.find((each) => each === name.toLowerCase());
    if (field === undefined || value === null) continue;
    merged[field] = attributeNumber(shape, field, value);
  }
  return merged;
}

/** A share of connections or requests: 0 to 1. Toxiproxy does not check the range; a 50 meant as per cent is refused here. */
export function checkToxicity(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint') return checkToxicity(Number(value));
  if (typeof value !== 'number') {
    throw REFUSALS.badBody(
      `json: cannot unmarshal ${goKind(value)} into Go struct field .toxicity of type float32`,
    );
  }
  if (!(value >= 0 && value <= 1)) throw REFUSALS.badBody(`toxicity must be between 0 and 1, found ${value}`);
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What Go's decoder calls a JSON value. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function attributeNumber(shape: TcpToxicShape, field: string, value: unknown): number | bigint {
  const isTooLarge = typeof value === 'bigint' && (value > LARGEST || value < -LARGEST - 1n);
  if (isTooLarge || (typeof value !== 'number' && typeof value !== 'bigint')) {
    const kind = isTooLarge ? `number ${value}` : goKind(value);
    throw REFUSALS.badBody(
      `json: cannot unmarshal ${kind} into Go struct field ${shape.goName}.attributes.${field} of type ${shape.goType}`,
    );
  }
  if (value < 0) throw REFUSALS.badBody(`attribute ${field} must not be negative, found ${value}`);
  return value;
}
