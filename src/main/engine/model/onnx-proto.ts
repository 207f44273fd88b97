import protobuf from 'protobufjs';

/** ONNX element types (TensorProto.DataType) that our graphs use. */
export const elementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, bfloat16: 16 } as const;
export type ElementType = keyof typeof elementType;

/** AttributeProto.AttributeType. */
export const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** TensorProto.DataLocation. */
export const externalLocation = 1;

/** Intermediate representation version that goes with {@link opsetVersion}. */
export const irVersion = 10;
/** Opset of the default domain: the first with Gelu and its tanh form is 20; 21 is what we build for. */
export const opsetVersion = 21;

const field = (type: string, id: number, rule?: 'repeated'): protobuf.IField => ({
  type,
  id,
  ...(rule ? { rule } : {}),
});

/** The part of onnx.proto that we write, by its public field numbers. */
const root = protobuf.Root.fromJSON({
  nested: {
    StringEntry: { fields: { key: field('string', 1), value: field('string', 2) } },
    Tensor: {
      fields: {
        dims: field('int64', 1, 'repeated'),
        dataType: field('int32', 2),
        name: field('string', 8),
        rawData: field('bytes', 9),
        externalData: field('StringEntry', 13, 'repeated'),
        dataLocation: field('int32', 14),
      },
    },
    Attribute: {
      fields: {
        name: field('string', 1),
        f: field('float', 2),
        i: field('int64', 3),
        s: field('bytes', 4),
        floats: field('float', 7, 'repeated'),
        ints: field('int64', 8, 'repeated'),
        type: field('int32', 20),
      },
    },
    Node: {
      fields: {
        input: field('string', 1, 'repeated'),
        output: field('string', 2, 'repeated'),
        name: field('string', 3),
        opType: field('string', 4),
        attribute: field('Attribute', 5, 'repeated'),
        domain: field('string', 7),
      },
    },
    Dimension: { fields: { dimValue: field('int64', 1), dimParam: field('string', 2) } },
    Shape: { fields: { dim: field('Dimension', 1, 'repeated') } },
    TensorType: { fields: { elemType: field('int32', 1), shape: field('Shape', 2) } },
    Type: { fields: { tensorType: field('TensorType', 1) } },
    ValueInfo: { fields: { name: field('string', 1), type: field('Type', 2) } },
    Graph: {
      fields: {
        node: field('Node', 1, 'repeated'),
        name: field('string', 2),
        initializer: field('Tensor', 5, 'repeated'),
        input: field('ValueInfo', 11, 'repeated'),
        output: field('ValueInfo', 12, 'repeated'),
      },
    },
    OperatorSet: { fields: { domain: field('string', 1), version: field('int64', 2) } },
    Model: {
      fields: {
        irVersion: field('int64', 1),
        producerName: field('string', 2),
        graph: field('Graph', 7),
        opsetImport: field('OperatorSet', 8, 'repeated'),
      },
    },
  },
});

const modelType = root.lookupType('Model');

/** Serialises a model given as plain objects with the field names above. */
export function encodeModel(model: Record<string, unknown>): Uint8Array {
  const problem = modelType.verify(model);
  if (problem) throw new Error(`the ONNX graph is malformed: ${problem}`);
  return modelType.encode(modelType.fromObject(model)).finish();
}
