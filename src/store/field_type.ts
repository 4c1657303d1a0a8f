import * as z from "zod";

/** What a field of a stored record holds: a scalar, or lists of it, `depth` levels deep. */
export interface FieldType {
  /** `count`: integers only; `number`: any number. */
  readonly of: "count" | "number" | "boolean" | "text";
  /** 0 for a scalar, 1 for a list, 2 for a matrix. */
  readonly depth: number;
}

/**
 * What a field holds by the schema of its record.
 * @param name of the field; a field within a field is named by both with a dot between, such as `valAccuracy.moons`
 * @returns undefined if the schema does not know the field, or if it holds something else
 */
export function fieldType(schema: unknown, name: string): FieldType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return fieldType(schema.unwrap(), name);
  if (schema instanceof z.ZodRecord) {
    const { valueType } = schema;
    // The keys of records of numbers, such as names of tasks, may have dots; those of records of objects have none.
    if (!(valueType instanceof z.ZodObject)) return fieldType(valueType, "");
    return name.includes(".") ? fieldType(valueType, name.slice(name.indexOf(".") + 1)) : undefined;
  }
  if (schema instanceof z.ZodObject) {
    const [field] = name.split(".", 1);
    return fieldType(schema.shape[field], name.slice(field.length + 1));
  }
  if (name !== "") return undefined;
  if (schema instanceof z.ZodArray) {
    const element = fieldType(schema.element, "");
    return element && { of: element.of, depth: element.depth + 1 };
  }
  if (schema instanceof z.ZodNumber) return { of: schema.format === null ? "number" : "count", depth: 0 };
  if (schema instanceof z.ZodBoolean) return { of: "boolean", depth: 0 };
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return { of: "text", depth: 0 };
  return undefined;
}
